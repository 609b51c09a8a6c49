using System.Net.Http.Headers;

namespace Gateway.Tests.Hosting;

/// <summary>Forms as clients send them.</summary>
internal static class Forms
{
    /// <summary>A transcription of <paramref name="sound"/>; the model stands last, as it may.</summary>
    public static MultipartFormDataContent Transcription(byte[] sound, string? model = "m", params (string Name, string Value)[] fields)
    {
        var form = new MultipartFormDataContent("boundary-of-the-test");
        var file = new ByteArrayContent(sound);
        file.Headers.ContentType = new MediaTypeHeaderValue("audio/wav");
        form.Add(file, "\"file\"", "a name=model.wav");
        foreach ((string name, string value) in fields)
        {
            form.Add(new StringContent(value), name);
        }
        if (model is not null)
        {
            form.Add(new StringContent(model), "model");
        }
        return form;
    }

    /// <summary>Bytes of all values, the same each time.</summary>
    public static byte[] Noise(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
