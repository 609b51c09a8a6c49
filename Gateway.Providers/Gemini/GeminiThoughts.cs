using System.Text;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Gemini;

/// <summary>
/// Thoughts that came in pieces are one again: a client that kept a stream's chunks sends each as a part, and the signature in
/// the last, and whoever signed them wants to see both together.
/// </summary>
internal static class GeminiThoughts
{
    public static List<Part> Join(List<Part> parts)
    {
        List<Part> joined = [];
        var text = new StringBuilder();
        ReasoningPart? open = null;
        foreach (Part part in parts)
        {
            if (part is ReasoningPart { Redacted: false } thought)
            {
                text.Append(thought.Text);
                open = thought;
                if (thought.Signature is not null)
                {
                    Close();
                }
                continue;
            }
            Close();
            joined.Add(part);
        }
        Close();
        return joined;

        void Close()
        {
            if (open is not null)
            {
                joined.Add(open with { Text = text.ToString() });
                open = null;
                text.Clear();
            }
        }
    }
}
