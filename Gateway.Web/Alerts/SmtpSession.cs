using System.Globalization;
using System.Text;

namespace Gateway.Web.Alerts;

/// <summary>The client's side of SMTP (RFC 5321) over a stream: so much of it as a notice needs.</summary>
internal sealed class SmtpSession(Stream stream)
{
    private const int MostLines = 100;
    private const int MostCharacters = 2000;

    private readonly byte[] _one = new byte[1];
    private readonly HashSet<string> _offered = new(StringComparer.OrdinalIgnoreCase);
    private string _mechanisms = "";

    public bool Offers(string extension) => _offered.Contains(extension);

    public async Task HelloAsync(CancellationToken cancellationToken)
    {
        string[] lines = (await CommandAsync("EHLO gateway", 250, cancellationToken)).Split('\n');
        _offered.Clear();
        foreach (string line in lines.Skip(1))
        {
            string[] words = line.Split(' ', 2);
            _offered.Add(words[0]);
            if (words.Length == 2 && words[0].Equals("AUTH", StringComparison.OrdinalIgnoreCase))
            {
                _mechanisms = words[1];
            }
        }
    }

    public async Task SignInAsync(string user, string password, CancellationToken cancellationToken)
    {
        string[] mechanisms = _mechanisms.Split(' ');
        if (mechanisms.Contains("PLAIN", StringComparer.OrdinalIgnoreCase))
        {
            await SecretAsync($"AUTH PLAIN {Base64($"\0{user}\0{password}")}", 235, cancellationToken);
        }
        else if (mechanisms.Contains("LOGIN", StringComparer.OrdinalIgnoreCase))
        {
            await SecretAsync("AUTH LOGIN", 334, cancellationToken);
            await SecretAsync(Base64(user), 334, cancellationToken);
            await SecretAsync(Base64(password), 235, cancellationToken);
        }
        else
        {
            throw new AlertDeliveryException("The mail server offers no way to sign in that is known here (PLAIN, LOGIN).", retry: false);
        }
    }

    public async Task<string> CommandAsync(string line, int expected, CancellationToken cancellationToken)
    {
        await WriteAsync(line + "\r\n", cancellationToken);
        return await ExpectAsync(expected, cancellationToken);
    }

    /// <param name="message">With CR LF at the end of every line.</param>
    public async Task<string> DataAsync(string message, CancellationToken cancellationToken)
    {
        // A line that begins with a point would end the message.
        string stuffed = message.StartsWith('.') ? "." + message : message;
        await WriteAsync(stuffed.Replace("\r\n.", "\r\n..", StringComparison.Ordinal) + ".\r\n", cancellationToken);
        return await ExpectAsync(250, cancellationToken);
    }

    public async Task QuitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await CommandAsync("QUIT", 221, cancellationToken);
        }
        catch (Exception e) when (e is IOException or AlertDeliveryException)
        {
            // The message was taken before.
        }
    }

    /// <exception cref="AlertDeliveryException">The server says something else.</exception>
    public async Task<string> ExpectAsync(int expected, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        for (int i = 0; i < MostLines; i++)
        {
            string line = await ReadLineAsync(cancellationToken);
            if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out int code))
            {
                break;
            }
            text.Append(i == 0 ? "" : "\n").Append(line.Length > 4 ? line[4..] : "");
            if (line.Length == 3 || line[3] == ' ')
            {
                return code == expected ? text.ToString()
                    // 4xx says that another time may do.
                    : throw new AlertDeliveryException($"The mail server answered {code}.", retry: code is >= 400 and < 500);
            }
        }
        throw new AlertDeliveryException("The other side does not speak SMTP.", retry: false);
    }

    private async Task SecretAsync(string line, int expected, CancellationToken cancellationToken)
    {
        try
        {
            await CommandAsync(line, expected, cancellationToken);
        }
        catch (AlertDeliveryException e) when (!e.Retry)
        {
            throw new AlertDeliveryException("The mail server refuses the user or the password.", retry: false);
        }
    }

    private async Task WriteAsync(string text, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }

    // Byte by byte: nothing of what comes after STARTTLS may be read ahead, and answers are short.
    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        while (line.Length < MostCharacters)
        {
            if (await stream.ReadAsync(_one, cancellationToken) == 0)
            {
                throw new EndOfStreamException();
            }
            if (_one[0] == '\n')
            {
                break;
            }
            if (_one[0] != '\r')
            {
                line.Append((char)_one[0]);
            }
        }
        return line.ToString();
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
