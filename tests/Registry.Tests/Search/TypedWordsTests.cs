using CsCheck;
using Registry.Names;
using Registry.Search;
using Registry.Service.Reference;

namespace Registry.Tests.Search;

/// <summary>What was typed into the search box, decided without a database.</summary>
public sealed class TypedWordsTests
{
    private static readonly NameBook Book = ReferenceData.Names;
    private static readonly DateOnly Today = new(2026, 3, 1);
    private static readonly string[] Areas = ["141022", "110105", "440105", "650102", "310104"];

    private static readonly Gen<string> Han = Gen.OneOf(
        Gen.Char['\u4E00', '\u9FA5'].Select(c => c.ToString()), Of("单", "曾", "𠮷", "鎔", "曉", "〇", "解", "乐"));

    private static readonly Gen<string> Name = Gen.Select(Han.Array[2, 4], Gen.Bool, (characters, dotted) =>
        dotted ? string.Join('·', characters) : string.Concat(characters));

    [Theory]
    [InlineData("11010519491231002X", GuessKind.IdNumber)]
    [InlineData("１１０１０５ 19491231 002x", GuessKind.IdNumber)]
    [InlineData("110105491231002", GuessKind.IdNumber)]
    [InlineData("139 0000 0011", GuessKind.Phone)]
    [InlineData("+86-13900000011", GuessKind.Phone)]
    [InlineData("0357-6621234", GuessKind.Phone)]
    [InlineData("019c8c1e-0000-7000-8000-0123456789ab", GuessKind.Id)]
    public void A_number_that_keeps_the_rules_of_its_kind_is_nothing_else(string typed, GuessKind kind) =>
        Assert.Equal(kind, Assert.Single(Read(typed)).Kind);

    [Theory]
    [InlineData("110105194912310021", GuessKind.IdNumber, GuessKind.OrganisationCode)]
    [InlineData("91350100M000100Y43", GuessKind.CreditCode, GuessKind.OrganisationCode, GuessKind.OrganisationName)]
    [InlineData("141022", GuessKind.OrganisationCode)]
    [InlineData("A1B-2", GuessKind.OrganisationCode, GuessKind.OrganisationName)]
    [InlineData("wj", GuessKind.OrganisationCode, GuessKind.OrganisationName, GuessKind.Initials, GuessKind.Pinyin)]
    [InlineData("wang jun", GuessKind.OrganisationName, GuessKind.Initials, GuessKind.Pinyin)]
    [InlineData("王", GuessKind.OrganisationName, GuessKind.Name)]
    [InlineData("王军", GuessKind.OrganisationName, GuessKind.Name, GuessKind.SameSound)]
    [InlineData("张wei", GuessKind.OrganisationName, GuessKind.Name, GuessKind.Pinyin)]
    [InlineData("第3支部", GuessKind.OrganisationName)]
    [InlineData("w", GuessKind.OrganisationCode)]
    [InlineData("？！")]
    [InlineData(" ·　")]
    [InlineData("")]
    public void Everything_else_may_be_several_things_the_surest_first(string typed, params GuessKind[] kinds) =>
        Assert.Equal(kinds, Read(typed).Select(g => g.Kind));

    [Fact]
    public void Every_id_number_is_read_as_itself_in_both_forms_and_with_gaps() => Gen.Select(
        Of(Areas), Gen.Date[new DateTime(1930, 1, 1), new DateTime(1999, 12, 31)], Gen.Int[0, 999])
        .Sample((area, born, serial) =>
        {
            var digits = $"{area}{born:yyyyMMdd}{serial:D3}";
            var number = digits + ResidentId.CheckCharacterOf(digits);
            foreach (var typed in new[] { number, number.ToLowerInvariant(),
                $"{number[..6]} {number[6..14]}-{number[14..]}", $"{area}{born:yyMMdd}{serial:D3}" })
                Assert.Equal([new Guess(GuessKind.IdNumber, number)], Read(typed));
        });

    [Fact]
    public void One_wrong_digit_of_an_id_number_is_said_and_never_looked_for_as_somebody_else() => Gen.Select(
        Of(Areas), Gen.Int[0, 999], Gen.Int[14, 17], Gen.Int[1, 9]).Sample((area, serial, at, plus) =>
        {
            var digits = $"{area}19700101{serial:D3}";
            var number = (digits + ResidentId.CheckCharacterOf(digits)).ToCharArray();
            if (number[at] == 'X') number[at] = '0';
            else number[at] = (char)('0' + ((number[at] - '0' + plus) % 10));
            var guesses = Read(new string(number));
            Assert.DoesNotContain(guesses, g => g is { Kind: GuessKind.IdNumber, Fault: ResidentIdFault.None });
            Assert.DoesNotContain(guesses, g => g.Kind is GuessKind.Name or GuessKind.Pinyin or GuessKind.Initials);
        });

    [Fact]
    public void Every_name_is_found_by_itself_its_sound_its_other_readings_and_its_first_letters() =>
        Name.Sample(name =>
        {
            var keys = Book.KeysOf(name);
            Assert.Equal((GuessKind.Name, true), Found(name, keys));
            Assert.Equal((GuessKind.Name, true), Found(name.Replace("·", " • ", StringComparison.Ordinal), keys));
            if (!keys.Pinyin.All(char.IsAsciiLetter)) return; // Characters without a reading cannot be typed by sound.
            Assert.All(keys.OtherPinyin.Append(keys.Pinyin), p => Assert.True(Found(p, keys).Whole));
            Assert.True(Found(keys.Initials, keys).Whole);
            Assert.True(Found(keys.Initials.ToUpperInvariant(), keys).Whole);
        });

    [Fact]
    public void Every_beginning_of_a_name_finds_it_while_it_is_typed() =>
        Gen.Select(Name, Gen.Int[0, 1000]).Sample((name, cut) =>
        {
            var keys = Book.KeysOf(name);
            var runes = keys.Folded.EnumerateRunes().ToArray();
            var beginning = string.Concat(runes.Take(1 + (cut % runes.Length)).Select(r => r.ToString()));
            Assert.Equal(GuessKind.Name, Found(beginning, keys).Why);
            if (!keys.Pinyin.All(char.IsAsciiLetter)) return;
            Found(keys.Pinyin[..(2 + (cut % (keys.Pinyin.Length - 1)))], keys);
        });

    [Fact]
    public void Whole_names_come_before_beginnings_and_those_before_names_that_only_sound_alike()
    {
        string[] people = ["王晓明", "王小明", "王小明亮", "黄晓明", "王小"];
        var guesses = Read("王小明");
        Assert.Equal(["王小明", "王小明亮", "王晓明"], people.Select(p => (p, Match: NameMatch.Of(guesses, Book.KeysOf(p))))
            .Where(p => p.Match is not null).OrderBy(p => p.Match!.Rank).Select(p => p.p));
    }

    [Fact]
    public void Anything_can_be_typed() => Gen.String.Sample(typed =>
    {
        foreach (var guess in Read(typed))
        {
            Assert.NotEmpty(guess.Value);
            Assert.DoesNotContain(guess.Value.EnumerateRunes(), r => r.Value is >= 0xD800 and <= 0xDFFF);
        }
    });

    [Theory]
    [InlineData("members", "standing", "full", true)]
    [InlineData("members", "search", "王小明", false)]
    [InlineData("members", "standing", "王小明", false)]
    [InlineData("members", "branchId", "110105194912310021", false)]
    [InlineData("reconciliation", "agreement", "homeOnly", true)]
    [InlineData("reconciliation", "nextStep", "13900000011", false)]
    [InlineData("reconciliation", "olderThanDays", "30", true)]
    [InlineData("figures/list", "on", "2026-03-01", true)]
    [InlineData("figures/list", "on", "yesterday", false)]
    [InlineData("people", "standing", "full", false)]
    public void A_kept_filter_holds_codes_ids_and_days_and_no_words_of_people(string list, string parameter,
        string value, bool holds) =>
        Assert.Equal(holds, FilterLists.Faults(list, new Dictionary<string,
            System.Collections.Immutable.ImmutableArray<string>> { [parameter] = [value] }).Count == 0);

    private static Gen<string> Of(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static System.Collections.Immutable.ImmutableArray<Guess> Read(string typed) =>
        TypedWords.Read(typed, Book, ReferenceData.Divisions, Today);

    private static (GuessKind Why, bool Whole) Found(string typed, NameKeys keys)
    {
        var match = NameMatch.Of(Read(typed), keys);
        Assert.True(match is not null, $"{typed} does not find {keys}");
        return (match.Why, match.IsWhole);
    }
}
