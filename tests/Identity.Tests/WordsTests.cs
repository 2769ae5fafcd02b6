using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Identity.Service.SignIn;

namespace Identity.Tests;

/// <summary>Every word of the pages is in both languages, and none stands in the pages themselves.</summary>
public sealed partial class WordsTests
{
    private static string Folder([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "../../services/identity/Identity.Service");

    private static Dictionary<string, string> Read(string name) =>
        XDocument.Load(Path.Combine(Folder(), "Resources", name)).Descendants("data")
            .ToDictionary(d => (string)d.Attribute("name")!, d => (string)d.Element("value")!);

    private static IEnumerable<string> Sources() => Directory.EnumerateFiles(Folder(), "*", SearchOption.AllDirectories)
        .Where(f => f.EndsWith(".razor", StringComparison.Ordinal) || f.EndsWith(".cs", StringComparison.Ordinal));

    [Fact]
    public void Both_languages_have_the_same_words_and_places()
    {
        var (chinese, english) = (Read("Words.resx"), Read("Words.en.resx"));
        Assert.Equal(chinese.Keys.Order(), english.Keys.Order());
        foreach (var (key, text) in chinese)
        {
            Assert.False(string.IsNullOrWhiteSpace(text) || string.IsNullOrWhiteSpace(english[key]), key);
            Assert.Equal(text.Contains("{0}", StringComparison.Ordinal),
                english[key].Contains("{0}", StringComparison.Ordinal));
            if (key is not ("office.comma" or "office.behalf" or "foot.language"))
                Assert.True(text.Any(c => c >= 0x4e00) && !english[key].Any(c => c >= 0x4e00), key);
            Assert.Equal(text, Words.Chinese[key]);
            Assert.Equal(english[key], Words.English[key]);
        }
    }

    [Fact]
    public void Every_word_that_is_asked_for_was_written_and_every_written_one_is_asked_for()
    {
        var known = Read("Words.resx").Keys.ToHashSet();
        var text = string.Concat(Sources().Select(File.ReadAllText));
        var asked = KeyPattern().Matches(text).Select(m => m.Groups[1].Value).Where(k => known.Contains(k)
            || text.Contains($"W[\"{k}\"]", StringComparison.Ordinal)).ToHashSet();
        Assert.Empty(asked.Except(known));
        string[] made = [.. RoleNames.Grantable.Append(RoleNames.Member).Select(r => $"role.{r}"),
            .. Enum.GetNames<PasswordFault>().Where(n => n != "None").Select(n => $"password.{n}")];
        Assert.Empty(made.Except(known));
        Assert.Empty(known.Except(asked).Except(made));
    }

    [Fact]
    public void No_page_says_anything_by_itself()
    {
        Assert.NotEmpty(Literals("<p>Hello</p>"));
        Assert.NotEmpty(Literals("<p>你好 @M.Name</p>"));
        Assert.NotEmpty(Literals("<input placeholder=\"Name\" />"));
        Assert.Empty(Literals("@if (a) { <p class=\"x\">@M.W[\"a.b\"]</p> }"));
        foreach (var page in Sources().Where(f => f.EndsWith(".razor", StringComparison.Ordinal)))
            Assert.True(Literals(File.ReadAllText(page)) is [], $"{Path.GetFileName(page)}: "
                + string.Join(" | ", Literals(File.ReadAllText(page))));
    }

    // What is left between the tags when code is taken away, and attributes that people read.
    private static List<string> Literals(string page)
    {
        var markup = page.Split("@code")[0];
        var read = SpokenPattern().Matches(markup).Select(m => m.Groups[1].Value).Where(v => v[0] != '@');
        var between = TextPattern().Matches(markup).Select(m => CodePattern().Replace(m.Groups[1].Value, ""))
            .Where(t => t.Any(char.IsLetter));
        return [.. read, .. between];
    }

    [GeneratedRegex("\"([a-z]+(?:\\.[a-zA-Z-]+)+)\"")]
    private static partial Regex KeyPattern();

    [GeneratedRegex("(?:placeholder|aria-label|title|alt)=\"([^\"]+)\"")]
    private static partial Regex SpokenPattern();

    [GeneratedRegex(">([^<>]+)<")]
    private static partial Regex TextPattern();

    [GeneratedRegex("@(if|else|foreach)[^{]*|else|@[\\w.]+(\\[[^\\]]*\\]|\\([^)]*\\))*|[{}]")]
    private static partial Regex CodePattern();
}
