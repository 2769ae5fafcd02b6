using CsCheck;

namespace Registry.Tests.Values;

public sealed class ResidentIdTests
{
    private static readonly DateOnly Today = new(2026, 11, 22);

    private static readonly DivisionBook Divisions = new(
    [
        new("110105", "朝阳区", "198012", "202306"),
        new("140000", "山西省", "198012", "202306"),
        new("141000", "临汾市", "200012", "202306"),
        new("141022", "翼城县", "200012", "202306"),
        new("142621", "曲沃县", "198012", "200012"),
    ]);

    private static readonly string[] Areas = ["110105", "141022", "142621", "141001", "141020"];

    private static readonly Gen<string> Digits17 =
        Gen.Select(Gen.Int[0, 4].Select(i => Areas[i]), Gen.Int[0, 36000], Gen.Int[0, 999])
            .Select((area, day, sequence) =>
                $"{area}{new DateOnly(1920, 1, 1).AddDays(day):yyyyMMdd}{sequence:D3}");

    [Fact]
    [Trait("mechanism", "M-074")]
    public void The_published_sample_is_valid() =>
        Assert.Equal(new ResidentId("11010519491231002X"), Read("11010519491231002X").Id);

    [Theory]
    [InlineData("11010519491231002x")]
    [InlineData(" １１０１０５１９４９１２３１００２Ｘ ")]
    public void Small_and_full_width_letters_are_the_same_number(string typed) =>
        Assert.Equal("11010519491231002X", Read(typed).Id?.Value);

    [Fact]
    public void Every_number_with_its_check_character_is_read_and_gives_date_and_sex_back() =>
        Digits17.Sample(digits =>
        {
            var id = Assert.NotNull(Read(digits + ResidentId.CheckCharacterOf(digits)).Id);
            Assert.Equal(digits[6..14], id.BornOn.ToString("yyyyMMdd", null));
            Assert.Equal((digits[16] - '0') % 2 == 1 ? Sex.Male : Sex.Female, id.Sex);
        });

    [Fact]
    public void One_wrong_digit_or_two_swapped_neighbours_are_always_found() =>
        Gen.Select(Digits17, Gen.Int[0, 16], Gen.Int[1, 9]).Sample((digits, at, add) =>
        {
            var check = ResidentId.CheckCharacterOf(digits);
            var wrong = digits.ToCharArray();
            wrong[at] = (char)('0' + ((wrong[at] - '0' + add) % 10));
            Assert.NotEqual(check, ResidentId.CheckCharacterOf(wrong));
            var swapped = digits.ToCharArray();
            if (at == 16 || swapped[at] == swapped[at + 1]) return;
            (swapped[at], swapped[at + 1]) = (swapped[at + 1], swapped[at]);
            Assert.NotEqual(check, ResidentId.CheckCharacterOf(swapped));
        });

    [Fact]
    public void An_old_number_of_fifteen_digits_becomes_the_new_one()
    {
        var reading = Read("110105491231002");
        Assert.True(reading.WasFifteen);
        Assert.Equal("11010519491231002X", reading.Id?.Value);
    }

    [Theory]
    [InlineData("110105", AreaStanding.Current)]
    [InlineData("142621", AreaStanding.Former)]
    [InlineData("141001", AreaStanding.Special)]
    [InlineData("141020", AreaStanding.Special)]
    [InlineData("149999", AreaStanding.Unlisted)]
    public void An_area_that_was_ever_given_out_stays_valid_for_life(string area, AreaStanding standing)
    {
        var digits = area + "19700101" + "001";
        var reading = Read(digits + ResidentId.CheckCharacterOf(digits));
        Assert.NotNull(reading.Id);
        Assert.Equal(standing, reading.Area);
    }

    [Theory]
    [InlineData(null, ResidentIdFault.Blank)]
    [InlineData("  ", ResidentIdFault.Blank)]
    [InlineData("1101051949123100", ResidentIdFault.Length)]
    [InlineData("1101051949123100X2", ResidentIdFault.Characters)]
    [InlineData("11010519491231002Y", ResidentIdFault.Characters)]
    [InlineData("1101051949123100𠮷", ResidentIdFault.Characters)]
    [InlineData("99010519491231002X", ResidentIdFault.Area)]
    [InlineData("110105194913310021", ResidentIdFault.BirthDate)]
    [InlineData("110105190002290021", ResidentIdFault.BirthDate)]
    [InlineData("110105202711230021", ResidentIdFault.BirthDate)]
    [InlineData("110105194912310021", ResidentIdFault.CheckCharacter)]
    public void The_first_rule_that_fails_is_named(string? typed, ResidentIdFault fault) =>
        Assert.Equal((null, fault), (Read(typed).Id, Read(typed).Fault));

    [Fact]
    public void No_text_makes_it_throw() => Gen.String.Sample(text => { Read(text); ResidentId.Mask(text); });

    [Fact]
    public void Lists_show_three_digits_in_front_and_two_behind() =>
        Assert.Equal("110*************2X", new ResidentId("11010519491231002X").Masked);

    private static ResidentIdReading Read(string? typed) => ResidentId.Read(typed, Divisions, Today);
}
