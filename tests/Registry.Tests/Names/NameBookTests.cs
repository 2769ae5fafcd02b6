using Registry.Names;
using Registry.Service.Reference;
using Registry.Service.Roster;

namespace Registry.Tests.Names;

public sealed class NameBookTests
{
    private static readonly NameBook Book = ReferenceData.Names;

    [Theory]
    [InlineData("单小红", "shanxiaohong", "sxh")]
    [InlineData("曾国华", "zengguohua", "zgh")]
    [InlineData("解放", "xiefang", "xf")]
    [InlineData("仇英", "qiuying", "qy")]
    [InlineData("朴永日", "piaoyongri", "pyr")]
    [InlineData("尉迟敬德", "yuchijingde", "ycjd")]
    [InlineData("尉健行", "weijianxing", "wjx")]
    [InlineData("万俟雪", "moqixue", "mqx")]
    [InlineData("单于明", "chanyuming", "cym")]
    [InlineData("吕律", "lvlv", "ll")]
    [InlineData("欧阳修", "ouyangxiu", "oyx")]
    [InlineData("查良镛", "zhaliangyong", "zly")]
    [InlineData("区小燕", "ouxiaoyan", "oxy")]
    [InlineData("𠮷田", "jitian", "jt")]
    [InlineData("Alima Tursun", "alimatursun", "alimatursun")]
    [InlineData("阿卜杜拉·买买提", "abodulamaimaiti", "abdlmmt")]
    [InlineData("张〇", "zhangling", "zl")]
    public void Surnames_have_their_own_reading(string name, string pinyin, string initials)
    {
        var keys = Book.KeysOf(name);
        Assert.Equal((pinyin, initials), (keys.Pinyin, keys.Initials));
    }

    [Theory]
    [InlineData("单小红", "danxiaohong")]
    [InlineData("乐嘉", "yuejia")]
    [InlineData("盖文", "gaiwen")]
    [InlineData("王重阳", "wangzhongyang")]
    public void What_else_people_may_type_is_kept_too(string name, string other)
    {
        var keys = Book.KeysOf(name);
        Assert.Contains(other, keys.OtherPinyin.Append(keys.Pinyin));
        Assert.InRange(keys.OtherPinyin.Count, 0, NameBook.ReadingsMax - 1);
    }

    [Theory]
    [InlineData("朱鎔基", "朱镕基")]
    [InlineData("李昇", "李升")]
    [InlineData("陳偉國", "陈伟国")]
    [InlineData("黃曉東", "黄晓东")]
    [InlineData("葛󠄀城", "葛城")]
    [InlineData("羅　剛", "罗刚")]
    [InlineData("\uF900田", "豈田")]
    public void One_name_in_two_shapes_has_one_key(string one, string other) =>
        Assert.Equal(Book.Fold(other), Book.Fold(one));

    [Theory]
    [InlineData("王堃", "王坤", CharacterLikeness.Similar)]
    [InlineData("萧红", "肖红", CharacterLikeness.Similar)]
    [InlineData("蕭红", "肖红", CharacterLikeness.Similar)]
    [InlineData("己", "已", CharacterLikeness.Alike)]
    [InlineData("小", "晓", CharacterLikeness.Sound)]
    [InlineData("伟", "芳", CharacterLikeness.Different)]
    public void Characters_that_are_only_near_keep_their_own_key(string one, string other, CharacterLikeness expected)
    {
        var (a, b) = (Book.Fold(one), Book.Fold(other));
        Assert.NotEqual(a, b);
        var (x, y) = a.EnumerateRunes().Zip(b.EnumerateRunes()).First(pair => pair.First != pair.Second);
        Assert.Equal(expected, Book.Compare(x, y));
    }

    [Fact]
    public void Every_code_point_that_stands_for_the_name_dot_gives_one_key()
    {
        var keys = "·•‧・．⋅∙\u0387\u2024\u2E31\u30FB\uFF65\u1427".Select(dot => Book.Fold($"艾尔肯{dot}吐尔逊"))
            .Append(Book.Fold("艾尔肯 · 吐尔逊")).Append(Book.Fold("艾尔肯吐尔逊")).Distinct();
        Assert.Equal(["艾尔肯吐尔逊"], keys);
    }

    [Fact]
    public void The_eighteen_changed_characters_have_one_key_from_either_edition()
    {
        Assert.Equal(18, ChangedCharacters.Pairs.Count);
        foreach (var (before, since) in ChangedCharacters.Pairs)
        {
            Assert.Equal(Book.Fold($"王{since}"), Book.Fold($"王{before}"));
            // A file written by the edition of 2022 reads as the standard character.
            Assert.Equal($"王{since}", Gb18030.Decode(Gb18030.Encode($"王{since}")));
        }
    }

    [Fact]
    public void Characters_beyond_the_basic_plane_are_kept_even_without_a_reading()
    {
        // CJK extension I is younger than the tables of readings.
        const string rare = "李\U0002EBF0";
        var keys = Book.KeysOf(rare);
        Assert.Equal((rare, "li\U0002EBF0", "l\U0002EBF0"), (keys.Folded, keys.Pinyin, keys.Initials));
    }

    [Theory]
    [InlineData("Lǚ Bù", "lvbu")]
    [InlineData("lübu", "lvbu")]
    [InlineData("xi'an", "xian")]
    [InlineData("zhang wei", "zhangwei")]
    [InlineData("张wei", null)]
    [InlineData("", null)]
    public void Typed_spellings_lose_tones_and_gaps(string typed, string? spelling) =>
        Assert.Equal(spelling, NameBook.SpellingOf(typed));

    [Theory]
    [InlineData("王\uD800明")]
    [InlineData("\uDC00")]
    [InlineData("")]
    [InlineData("·")]
    public void Anything_has_a_key(string broken) => Assert.NotNull(Book.KeysOf(broken));

    [Fact]
    public void Every_commonly_used_character_has_a_reading()
    {
        // The 20,992 unified ideographs of the basic block; some fold to a younger character without a reading.
        var without = Enumerable.Range(0x4E00, 0x9FFF - 0x4E00 + 1)
            .Count(p => Book.KeysOf($"王{(char)p}").Initials.Any(c => c > 'z'));
        Assert.InRange(without, 0, 100);
    }
}
