using CsCheck;
using Identity.Service.SignIn;

namespace Identity.Tests;

/// <summary>Passwords, wrong answers, codes of generators.</summary>
public sealed class SignInRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("short-pass1", PasswordFault.TooShort)]
    [InlineData("ClerkOfTheCounty", PasswordFault.HasUserName)]
    [InlineData("passwordpassword", PasswordFault.Common)]
    [InlineData("P@ssw0rd123456", PasswordFault.Common)]
    [InlineData("aaaaaaaaaaaa", PasswordFault.Common)]
    [InlineData("123456789012", PasswordFault.Common)]
    [InlineData("qwertyuiop123", PasswordFault.Common)]
    [InlineData("Dangyuan2026!!", PasswordFault.Common)]
    [InlineData("abcdefghijkl", PasswordFault.Common)]
    [InlineData("correct horse battery", PasswordFault.None)]
    [InlineData("春眠不觉晓处处闻啼鸟夜来", PasswordFault.None)]
    [InlineData("kfdbqxhvrtwz", PasswordFault.None)]
    public void A_password_is_long_and_not_easily_guessed(string password, PasswordFault fault) =>
        Assert.Equal(fault, PasswordRule.Check(password, "clerk"));

    [Fact]
    public void Lengths_are_kept_on_both_sides()
    {
        Assert.Equal(PasswordFault.TooShort, PasswordRule.Check("kfdbqxhvrtw", ""));
        Assert.Equal(PasswordFault.None, PasswordRule.Check(string.Concat(Enumerable.Repeat("kfdbqxhv", 16)), ""));
        Assert.Equal(PasswordFault.TooLong,
            PasswordRule.Check(string.Concat(Enumerable.Repeat("kfdbqxhv", 16)) + "x", ""));
    }

    [Fact]
    public void In_any_quarter_of_an_hour_at_most_five_wrong_answers_are_looked_at()
    {
        Gen.Int[0, 400].Array[1, 60].Sample(pauses =>
        {
            Attempts? kept = null;
            var (now, looked) = (Now, new List<DateTimeOffset>());
            foreach (var pause in pauses)
            {
                now = now.AddSeconds(pause);
                if (SignInLimit.Book(kept, now) is not { } next) continue;
                kept = next;
                looked.Add(now);
            }
            Assert.All(looked, at => Assert.InRange(
                looked.Count(x => x >= at && x < at.AddMinutes(15)), 1, SignInLimit.WrongMax));
        });
    }

    [Fact]
    public void The_door_opens_a_quarter_of_an_hour_after_the_fifth()
    {
        var full = new Attempts(SignInLimit.WrongMax, Now);
        Assert.Null(SignInLimit.Book(full, Now.AddMinutes(15).AddTicks(-1)));
        Assert.Equal(new(1, Now.AddMinutes(15)), SignInLimit.Book(full, Now.AddMinutes(15)));
    }

    [Theory] // RFC 6238, appendix B; the last six of its eight digits.
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1234567890, "005924")]
    [InlineData(20000000000, "353130")]
    public void Codes_are_those_of_the_standard(long at, string code) =>
        Assert.Equal(code, Totp.Code("12345678901234567890"u8.ToArray(), DateTimeOffset.FromUnixTimeSeconds(at)));

    [Fact]
    public void A_code_is_good_once_and_one_period_early_or_late()
    {
        var secret = "12345678901234567890"u8.ToArray();
        var step = Now.ToUnixTimeSeconds() / 30;
        foreach (var off in (int[])[-1, 0, 1])
            Assert.Equal(step + off, Totp.Verify(secret, Totp.Code(secret, Now.AddSeconds(30 * off)), Now, 0));
        Assert.Null(Totp.Verify(secret, Totp.Code(secret, Now.AddSeconds(60)), Now, 0));
        Assert.Null(Totp.Verify(secret, Totp.Code(secret, Now.AddSeconds(-60)), Now, 0));
        Assert.Null(Totp.Verify(secret, Totp.Code(secret, Now), Now, step));
    }

    [Fact]
    public void Base_32_goes_there_and_back() => Gen.Byte.Array[0, 40].Sample(bytes =>
        Assert.Equal(bytes, Totp.FromBase32(Totp.Base32(bytes))));

    [Theory]
    [InlineData("/", true)]
    [InlineData("/identity/connect/authorize?client_id=console&redirect_uri=http%3A%2F%2Fx", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("//evil.example/", false)]
    [InlineData("/\\evil.example/", false)]
    [InlineData("/a\\b", false)]
    [InlineData("https://evil.example/", false)]
    [InlineData("evil.example", false)]
    [InlineData("/\tx", false)]
    [InlineData("javascript:alert(1)", false)]
    public void Only_addresses_of_this_site_are_gone_back_to(string? address, bool local) =>
        Assert.Equal(local, SignInPages.IsLocal(address));
}
