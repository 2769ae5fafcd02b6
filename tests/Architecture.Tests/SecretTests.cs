using System.Text.RegularExpressions;

namespace Architecture.Tests;

/// <summary>Keys, tokens and passwords are made where the platform is set up and kept out of the repository.</summary>
public sealed partial class SecretTests
{
    private const long TextBytesMax = 2 * 1024 * 1024;

    [GeneratedRegex("""
        -----BEGIN\ [A-Z\ ]*PRIVATE\ KEY-----       # a private key in PEM
        | \beyJ[\w-]{16,}\.eyJ[\w-]{16,}\.[\w-]{16,}  # a signed token
        | \bAKIA[0-9A-Z]{16}\b                        # a cloud provider's key
        | \bpassword=[^\s;"'{}<$&*]{4,}               # a connection string
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.IgnoreCase)]
    private static partial Regex Secret();

    [Fact]
    public void Nothing_secret_is_kept_in_the_repository() => Rule.Holds(Repo.Walk(Repo.Root)
        .Where(f => new FileInfo(f).Length <= TextBytesMax && Secret().IsMatch(File.ReadAllText(f)))
        .Select(f => Path.GetRelativePath(Repo.Root, f)));

    [Theory]
    [InlineData("-----BEGIN EC " + "PRIVATE KEY-----")]
    [InlineData("eyJhbGciOiJFUzI1NiIsImtpZCI6Im4ifQ." + "eyJzdWIiOiIwMTkwYTBiMC0wMDAwIn0.c2lnbmF0dXJlLW9mLXRoaXM")]
    [InlineData("Host=db;Username=app;Pass" + "word=hunter2222")]
    [InlineData("AKIA" + "ABCDEFGHIJKLMNOP")]
    public void The_rule_objects(string text) => Assert.Matches(Secret(), text);
}
