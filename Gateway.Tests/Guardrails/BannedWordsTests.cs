using Gateway.Core.Guardrails;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Guardrails;

public sealed class BannedWordsTests
{
    [Theory]
    // Whole words, whatever the case, wherever they stand.
    [InlineData("ban", "ban", true)]
    [InlineData("ban", "a BaN, here", true)]
    [InlineData("ban", "(ban)", true)]
    [InlineData("ban", "banana", false)]
    [InlineData("ban", "urban", false)]
    [InlineData("ban", "ban2", false)]
    [InlineData("ban", "ban_", true)]
    [InlineData("ban", "", false)]
    // Phrases, with any white space between.
    [InlineData("secret word", "the Secret\n  word.", true)]
    [InlineData("secret\tword", "secret word", true)]
    [InlineData("secret word", "secretword", false)]
    [InlineData("secret word", "secret, word", false)]
    [InlineData("secret word", "secret secret word", true)]
    [InlineData("secret word", "secret                                             word", false)]
    // Not only ASCII.
    [InlineData("Straße", "die STRAßE", true)]
    [InlineData("привет", "ПРИВЕТ!", true)]
    [InlineData("привет", "приветы", false)]
    [InlineData("σοφός", "ΣΟΦΌΣ", true)]
    [InlineData("café", "un cafe\u0301 noir", true)]
    [InlineData("cafe", "un cafe\u0301 noir", false)]
    [InlineData("𝒳-ray", "an 𝒳-RAY", true)]
    [InlineData("𐐨", "𐐀", true)]
    [InlineData("禁止", "这是禁止的事", true)]
    [InlineData("ต้องห้าม", "คำต้องห้ามนี้", true)]
    // Not only letters.
    [InlineData("c++", "C++ is", true)]
    [InlineData("c++", "abc++", false)]
    [InlineData("$foo", "a$foo!", true)]
    [InlineData("$foo", "$food", false)]
    [InlineData("don't", "I DON'T", true)]
    [InlineData("🙈", "see🙈no", true)]
    // What cannot be seen hides nothing.
    [InlineData("ban", "b\u200Ba\u00ADn", true)]
    [InlineData("ban", "\ud800ban", true)]
    [InlineData("ban", "b\0an", false)]
    public void AreIn_WordAndText(string word, string text, bool expected) => Words(word).AreIn(text).ShouldBe(expected);

    [Theory]
    [InlineData("a b c", true)]
    [InlineData("b c d e", true)]
    [InlineData("a b x b c d", true)]
    [InlineData("a b x b c x", false)]
    [InlineData("she said hers", true)]
    public void AreIn_WordsThatOverlap_FindsWhicheverThereIs(string text, bool expected) =>
        Words("a b c", "b c d", "c d e f", "hers", "he", "rs s").AreIn(text).ShouldBe(expected);

    [Fact]
    public void Of_NothingButBlanks_IsNone() => BannedWords.Of(["", "  "]).ShouldBeNull();

    [Theory]
    [InlineData("The quick Secret  Word jumps.", 10)]
    [InlineData("secret word", 0)]
    [InlineData("Sec secret wor secret sword secret word", 28)]
    [InlineData("x 🙈🙈 y", 2)]
    [InlineData("ends with b.a.d", 10)]
    [InlineData("ends with b.a.d!", 10)]
    [InlineData("nothing secret in these words, bad as they may be", -1)]
    [InlineData("secret wordy, b.a.dd 🙈 ban ana", -1)]
    public void Read_CutAnywhere_FindsTheSameAndHoldsBackJustWhatIsOpen(string text, int foundAt)
    {
        BannedWords words = Words("secret word", "🙈🙈", "b.a.d", "banana");
        for (int first = 0; first <= text.Length; first++)
        {
            for (int second = first; second <= text.Length; second++)
            {
                (string sent, bool found) = Run(words, text[..first], text[first..second], text[second..]);

                found.ShouldBe(foundAt >= 0);
                sent.ShouldBe(found ? text[..foundAt] : text, $"{first}, {second}");
            }
        }
        Run(words, [.. text.Select(c => c.ToString())]).ShouldBe((foundAt >= 0 ? text[..foundAt] : text, foundAt >= 0));
    }

    [Theory]
    [InlineData("so far so good ", null)]
    [InlineData("so far so good", null)]
    [InlineData("a se", 2L)]
    [InlineData("a secret", 2L)]
    [InlineData("a secret  w", 2L)]
    [InlineData("a secret x", null)]
    [InlineData("a xsecret", null)]
    [InlineData("a secret secret", 9L)]
    public void OpenFrom_EndOfAPiece_IsWhereAWordMayBegin(string piece, long? expected)
    {
        var scan = new WordScan(Words("secret word"));

        scan.Read(piece).ShouldBeFalse();

        scan.OpenFrom.ShouldBe(expected);
    }

    [Fact]
    public void Watch_PartsAndLines_AreTextsOfTheirOwn()
    {
        var watch = new AnswerWatch(Words("secret word"));
        watch.Read(0, 0, "a secret ");
        watch.SafeUpTo.ShouldBe(2);
        watch.Read(1, 0, "word, and more");
        watch.SafeUpTo.ShouldBe(2);
        watch.Read(0, 1, "word");
        (watch.Found, watch.SafeUpTo).ShouldBe((false, watch.Position));
        watch.Read(1, 0, " secret");
        watch.Read(0, 1, " x");
        watch.Read(1, 0, " word");
        watch.Found.ShouldBeFalse("what comes next may make it another word");
        watch.End();
        (watch.Found, watch.SafeUpTo).ShouldBe((true, 28));
    }

    // As a stream would be sent: what is safe goes on, what is found ends it.
    private static (string Sent, bool Found) Run(BannedWords words, params string[] pieces)
    {
        var watch = new AnswerWatch(words);
        string text = "";
        int sent = 0;
        foreach (string piece in pieces)
        {
            watch.Read(0, 0, piece);
            text += piece;
            int safe = (int)Math.Min(watch.SafeUpTo, text.Length);
            safe.ShouldBeGreaterThanOrEqualTo(sent, "what was sent cannot be taken back");
            sent = safe;
            if (watch.Found)
            {
                break;
            }
        }
        watch.End();
        return (text[..(int)watch.SafeUpTo], watch.Found);
    }

    private static BannedWords Words(params string[] words) => BannedWords.Of(words)!;
}
