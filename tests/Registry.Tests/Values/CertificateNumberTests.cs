using CsCheck;

namespace Registry.Tests.Values;

public sealed class CertificateNumberTests
{
    private static readonly Gen<CertificateNumber> Numbers =
        Gen.Select(Gen.Int[110000, 659999], Gen.Int[1949, 2099], Gen.Int[1, CertificateNumber.SerialMax])
            .Select((county, year, serial) => CertificateNumber.Of($"{county}", year, serial));

    [Fact]
    public void A_number_is_county_year_serial_and_check_character()
    {
        var number = CertificateNumber.Of("141022", 2026, 1);
        Assert.Equal(("141022", 2026, 1), (number.County, number.Year, number.Serial));
        Assert.Equal(17, number.Value.Length);
        Assert.Equal($"141022 2026 000001 {number.Value[16]}", number.Printed);
    }

    [Fact]
    public void What_was_made_is_read_back_also_from_its_printed_form() =>
        Numbers.Sample(n => Assert.Equal((n, n), (CertificateNumber.Read(n.Value), CertificateNumber.Read(n.Printed))));

    [Fact]
    public void Every_wrong_digit_is_found() =>
        Gen.Select(Numbers, Gen.Int[0, 15], Gen.Int[1, 9]).Sample((number, at, add) =>
        {
            var wrong = number.Value.ToCharArray();
            wrong[at] = (char)('0' + ((wrong[at] - '0' + add) % 10));
            Assert.Null(CertificateNumber.Read(new string(wrong)));
        });

    [Fact]
    public void Every_swap_of_two_different_digits_is_found() =>
        Gen.Select(Numbers, Gen.Int[0, 15], Gen.Int[0, 15]).Sample((number, one, other) =>
        {
            var swapped = number.Value.ToCharArray();
            if (swapped[one] == swapped[other]) return;
            (swapped[one], swapped[other]) = (swapped[other], swapped[one]);
            Assert.Null(CertificateNumber.Read(new string(swapped)));
        });

    [Fact]
    public void No_text_makes_it_throw() => Gen.String.Sample(text => { CertificateNumber.Read(text); });
}
