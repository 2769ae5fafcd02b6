using CsCheck;

namespace Registry.Tests.Values;

public sealed class PhoneNumberTests
{
    [Theory]
    [InlineData("15400000001", "15400000001")]
    [InlineData("+86 154 0000 0001", "15400000001")]
    [InlineData("008615400000001", "15400000001")]
    [InlineData("１５４-００００-０００１", "15400000001")]
    [InlineData("(0357)4922001", "0357-4922001")]
    [InlineData("0357-4922001-801", "0357-4922001-801")]
    [InlineData("01065120000转12", "010-65120000-12")]
    public void The_ways_people_write_a_number_are_one_number(string typed, string value) =>
        Assert.Equal(value, PhoneNumber.Read(typed)?.Value);

    [Theory]
    [InlineData(null)]
    [InlineData("无")]
    [InlineData("4922001")]
    [InlineData("12345678901")]
    [InlineData("1540000000")]
    [InlineData("154000000012")]
    [InlineData("0357-1922001")]
    [InlineData("0157-4922001")]
    [InlineData("15400000001、15400000002")]
    public void What_is_no_number_of_the_mainland_is_refused(string? typed) => Assert.Null(PhoneNumber.Read(typed));

    [Fact]
    public void A_normalised_number_reads_as_itself() =>
        Gen.OneOf(
            Gen.Select(Gen.Int[3, 9], Gen.Int[0, 999_999_999]).Select((second, rest) => $"1{second}{rest:D9}"),
            Gen.Select(Gen.Int[310, 999], Gen.Int[2_000_000, 9_999_999]).Select((area, local) => $"0{area}-{local}"))
            .Sample(number => Assert.Equal(number, PhoneNumber.Read(number)?.Value));

    [Fact]
    public void No_text_makes_it_throw() => Gen.String.Sample(text => { PhoneNumber.Read(text); });

    [Fact]
    public void Lists_show_three_digits_in_front_and_four_behind() =>
        Assert.Equal("154****0001", new PhoneNumber("15400000001").Masked);
}
