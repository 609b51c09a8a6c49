using System.Security.Cryptography;
using System.Text;
using Gateway.Providers.Bedrock;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers.Bedrock;

/// <summary>The vectors that AWS publishes (aws4_testsuite, kept in awslabs/aws-c-auth and the AWS SDKs).</summary>
public class SigV4Tests
{
    private const string Unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const string Form = "application/x-www-form-urlencoded";

    private static readonly DateTimeOffset Day = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);
    private static readonly AwsKeys Keys = new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", null);

    [Theory]
    [InlineData("get-vanilla", "GET", "/", "", "", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("get-unreserved", "GET", "/" + Unreserved, "", "", "", "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f")]
    [InlineData("get-utf8", "GET", "/ሴ", "", "", "", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85")]
    [InlineData("get-space-unnormalized", "GET", "/example space/", "", "", "", "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741")]
    [InlineData("get-slashes-unnormalized", "GET", "//example//", "", "", "", "87cca117541a147f6df867677d98a7d80dff226d2bfca9e4ffa899665623c7e5")]
    [InlineData("get-relative-unnormalized", "GET", "/example/..", "", "", "", "eca7ead57bb5aa5c8e28007acd4ff04e1ff9a0ff3b237ec1554a184887ff9282")]
    [InlineData("get-vanilla-empty-query-key", "GET", "/", "Param1=value1", "", "", "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb")]
    [InlineData("get-vanilla-query-order-key-case", "GET", "/", "Param2=value2&Param1=value1", "", "", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    [InlineData("get-vanilla-query-order-encoded", "GET", "/", "Param-3=Value3&Param=Value2&%E1%88%B4=Value1", "", "", "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac")]
    [InlineData("get-vanilla-query-unreserved", "GET", "/", Unreserved + "=" + Unreserved, "", "", "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197")]
    [InlineData("get-vanilla-utf8-query", "GET", "/", "ሴ=bar", "", "", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04")]
    [InlineData("get-header-key-duplicate", "GET", "/", "", "my-header1:value2,value2,value1", "", "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea")]
    [InlineData("get-header-value-multiline", "GET", "/", "", "my-header1:value1,value2,value3", "", "ba17b383a53190154eb5fa66a1b836cc297cc0a3d70a5d00705980573d8ff790")]
    [InlineData("get-header-value-order", "GET", "/", "", "my-header1:value4,value1,value3,value2", "", "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01")]
    [InlineData("get-header-value-trim", "GET", "/", "", "my-header1: value1;my-header2: \"a   b   c\"", "", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736")]
    [InlineData("post-vanilla", "POST", "/", "", "", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData("post-header-key-sort", "POST", "/", "", "my-header1:value1", "", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c")]
    [InlineData("post-header-value-case", "POST", "/", "", "my-header1:VALUE1", "", "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d")]
    [InlineData("post-vanilla-query", "POST", "/", "Param1=value1", "", "", "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11")]
    [InlineData("post-vanilla-query-nonunreserved", "POST", "/", "@%23$%25%5E=&%2B=/%2C?%3E%3C%60%22;:%5C%7C%5D%5B%7B%7D", "", "", "66c82657c86e26fb25238d0e69f011edc4c6df5ae71119d7cb98ed9b87393c1e")]
    [InlineData("post-vanilla-query-space", "POST", "/", "p=", "", "", "e71688addb58a26418614085fb730ba3faa623b461c17f48f2fbdb9361b94a9b")]
    [InlineData("post-x-www-form-urlencoded", "POST", "/", "", "content-type:" + Form, "Param1=value1", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a")]
    public void Authorization_PublishedVector_IsReproduced(string name, string method, string path, string query, string headers, string body, string signature)
    {
        KeyValuePair<string, string>[] all =
        [
            new("host", "example.amazonaws.com"),
            new("x-amz-date", "20150830T123600Z"),
            .. headers.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(h => h.Split(':', 2)).Select(h => new KeyValuePair<string, string>(h[0], h[1])),
        ];
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)));

        string authorization = SigV4.Authorization(method, path, query, all, hash, Keys, "us-east-1", "service", Day);

        string signed = string.Join(';', all.Select(h => h.Key).Order(StringComparer.Ordinal));
        authorization.ShouldBe($"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders={signed}, Signature={signature}", name);
    }

    [Fact]
    public void Sign_SessionToken_IsSentAndSigned()
    {
        // get-vanilla-with-session-token
        const string Token = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://example.amazonaws.com/");

        SigV4.Sign(request, default, Keys with { SessionToken = Token }, "us-east-1", "service", Day);

        request.Headers.GetValues("X-Amz-Security-Token").ShouldBe([Token]);
        request.Headers.GetValues("X-Amz-Date").ShouldBe(["20150830T123600Z"]);
        request.Headers.NonValidated["Authorization"].ToString().ShouldEndWith(
            "SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8");
    }

    [Fact]
    public void Sign_BodyWithContentType_SignsBoth()
    {
        // post-x-www-form-urlencoded-parameters
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://example.amazonaws.com/") { Content = new ByteArrayContent("Param1=value1"u8.ToArray()) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", Form + "; charset=utf8");

        SigV4.Sign(request, "Param1=value1"u8, Keys, "us-east-1", "service", Day);

        request.Headers.NonValidated["Authorization"].ToString().ShouldEndWith("SignedHeaders=content-type;host;x-amz-date, Signature=1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe");
    }

    [Theory]
    [InlineData("AKIDEXAMPLE0123456:secret/+=", null, null, "AKIDEXAMPLE0123456", "secret/+=", null)]
    [InlineData("ASIDEXAMPLE0123456:secret:token:with:colons", null, null, "ASIDEXAMPLE0123456", "secret", "token:with:colons")]
    [InlineData("secret", "AKIDEXAMPLE0123456", "token", "AKIDEXAMPLE0123456", "secret", "token")]
    public void AwsKeys_OfSecret_AreReadWhereverTheyStand(string secret, string? id, string? token, string accessKeyId, string secretAccessKey, string? sessionToken)
    {
        AwsKeys keys = AwsKeys.Of(secret, id, token)!;

        (keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken).ShouldBe((accessKeyId, secretAccessKey, sessionToken));
        keys.ToString().ShouldNotContain("secret");
    }

    [Fact]
    public void AwsKeys_OfAnApiKey_AreNone() => AwsKeys.Of("bedrock-api-key-YmVkcm9jaw==", null, null).ShouldBeNull();
}
