using System.Text;
using CsCheck;
using Registry.Service.Roster;

namespace Registry.Tests.Roster;

public sealed class Gb18030Tests
{
    /// <summary>Bytes of the eighteen characters in the edition of 2022. Source: R-151.</summary>
    public static TheoryData<string, char> Since2022 => new()
    {
        { "A6D9", '\uFE10' }, { "A6DA", '\uFE12' }, { "A6DB", '\uFE11' }, { "A6DC", '\uFE13' }, { "A6DD", '\uFE14' },
        { "A6DE", '\uFE15' }, { "A6DF", '\uFE16' }, { "A6EC", '\uFE17' }, { "A6ED", '\uFE18' }, { "A6F3", '\uFE19' },
        { "FE59", '\u9FB4' }, { "FE61", '\u9FB5' }, { "FE66", '\u9FB6' }, { "FE67", '\u9FB7' }, { "FE6D", '\u9FB8' },
        { "FE7E", '\u9FB9' }, { "FE90", '\u9FBA' }, { "FEA0", '\u9FBB' },
    };

    [Theory, MemberData(nameof(Since2022))]
    public void Each_of_the_eighteen_characters_has_the_bytes_of_2022(string bytes, char character)
    {
        Assert.Equal(character.ToString(), Gb18030.Decode(Convert.FromHexString(bytes)));
        Assert.Equal(bytes, Convert.ToHexString(Gb18030.Encode(character.ToString())));
    }

    [Fact]
    public void The_older_bytes_now_mean_the_private_use_character() =>
        Assert.Equal("\uE81E", Gb18030.Decode([0x82, 0x35, 0x90, 0x37]));

    [Fact]
    public void Every_well_formed_text_survives_there_and_back() => Gen.String.Sample(text =>
    {
        var wellFormed = string.Concat(text.EnumerateRunes().Select(r => r.ToString()));
        Assert.Equal(wellFormed, Gb18030.Decode(Gb18030.Encode(wellFormed)));
    });

    [Fact]
    public void Characters_of_the_supplementary_planes_take_four_bytes() =>
        Assert.Equal(4, Gb18030.Encode("𠮷").Length);

    [Fact]
    public async Task A_roster_in_GB18030_is_read_like_one_in_UTF8()
    {
        var member = Workbooks.Member();
        member["name"] = "翟𠮷\u9FB4";
        var text = Workbooks.Csv(Registry.Roster.RosterSheet.Members, member);
        var known = new Dictionary<string, string> { ["B01"] = "BRA" };
        var utf8 = Encoding.UTF8.GetBytes(text);
        foreach (var bytes in new[] { Gb18030.Encode(text), utf8, [.. Encoding.UTF8.Preamble, .. utf8] })
        {
            var report = await RosterFiles.CheckAsync(bytes, "名册.csv", known);
            Assert.Empty(report.Problems);
            Assert.Equal("翟𠮷\u9FB4", report.AcceptedMembers.Single().Name.Value);
        }
    }
}
