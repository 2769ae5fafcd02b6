using CsCheck;

namespace Registry.Tests.Values;

public sealed class CreditCodeTests
{
    private static readonly Gen<string> Body =
        Gen.Char["0123456789ABCDEFGHJKLMNPQRTUWXY"].Array[17].Select(c => new string(c));

    [Theory]
    [InlineData("91350100M000100Y43")]
    [InlineData("91350100m000100y43")]
    public void The_published_sample_is_valid(string typed)
    {
        var reading = CreditCode.Read(typed);
        Assert.Equal("91350100M000100Y43", reading.Code?.Value);
        Assert.False(reading.CheckDiffers);
    }

    [Fact]
    public void A_genuine_code_with_a_wrong_check_character_is_accepted_with_a_warning()
    {
        var reading = CreditCode.Read("91350211M0000XUF46");
        Assert.NotNull(reading.Code);
        Assert.True(reading.CheckDiffers);
    }

    [Fact]
    public void A_sum_of_zero_modulo_31_has_the_check_character_0() =>
        Assert.False(CreditCode.Read("000000000000000000").CheckDiffers);

    [Fact]
    public void Every_body_has_exactly_one_check_character_without_warning() =>
        Body.Sample(body => Assert.Single(
            "0123456789ABCDEFGHJKLMNPQRTUWXY", check => !CreditCode.Read(body + check).CheckDiffers));

    [Theory]
    [InlineData("", CreditCodeFault.Blank)]
    [InlineData("9135", CreditCodeFault.Length)]
    [InlineData("91350100I000100Y43", CreditCodeFault.Characters)]
    [InlineData("91350100M000100Y4Z", CreditCodeFault.Characters)]
    public void What_is_no_code_is_refused(string typed, CreditCodeFault fault) =>
        Assert.Equal(fault, CreditCode.Read(typed).Fault);

    [Fact]
    public void No_text_makes_it_throw() => Gen.String.Sample(text => { CreditCode.Read(text); });
}
