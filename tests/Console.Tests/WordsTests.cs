using System.Globalization;
using System.Resources;
using System.Text.RegularExpressions;
using Gateway.Console.Resources;

namespace Console.Tests;

/// <summary>Every text of the console is a resource, in Chinese and in English.</summary>
public sealed partial class WordsTests
{
    private static readonly Type[] Areas =
        [typeof(Shell), typeof(Cases), typeof(People), typeof(Organisations), typeof(Operations), typeof(Accounts)];

    private static readonly string Folder = Path.Combine(Root(), "gateway", "Console");

    [Fact]
    public void Chinese_and_English_have_the_same_words_with_the_same_places()
    {
        List<string> wrong = [];
        foreach (var area in Areas)
        {
            var (chinese, english) = (Words(area, ""), Words(area, "en"));
            wrong.AddRange(chinese.Keys.Except(english.Keys).Select(k => $"{area.Name}.{k} has no English"));
            wrong.AddRange(english.Keys.Except(chinese.Keys).Select(k => $"{area.Name}.{k} has no Chinese"));
            wrong.AddRange(chinese.Keys.Intersect(english.Keys)
                .Where(k => !Places(chinese[k]).SetEquals(Places(english[k])))
                .Select(k => $"{area.Name}.{k} has other places in English"));
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public void No_page_has_a_text_of_its_own()
    {
        List<string> wrong = [];
        foreach (var file in Directory.EnumerateFiles(Folder, "*.razor", SearchOption.AllDirectories))
        {
            var text = Comment().Replace(File.ReadAllText(file), "");
            foreach (var (line, number) in text.Split('\n').Select((l, i) => (l, i + 1)))
            {
                if (Han().IsMatch(line) && !AllowedHan(line))
                    wrong.Add($"{Path.GetFileName(file)}:{number}: {line.Trim()}");
            }
        }
        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("<p>待办</p>", true)]
    [InlineData("<p>@T[\"todo\"]</p>", false)]
    public void The_rule_objects(string line, bool objects) => Assert.Equal(objects, Han().IsMatch(line));

    [Fact]
    public void Every_word_a_page_asks_for_by_name_exists()
    {
        var known = Areas.SelectMany(a => Words(a, "").Keys).ToHashSet();
        List<string> wrong = [];
        foreach (var file in Directory.EnumerateFiles(Folder, "*.*", SearchOption.AllDirectories)
            .Where(f => f.EndsWith(".razor", StringComparison.Ordinal) || f.EndsWith(".cs", StringComparison.Ordinal)))
        {
            wrong.AddRange(Asked().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value)
                .Where(k => !known.Contains(k)).Select(k => $"{Path.GetFileName(file)}: {k}"));
        }
        Assert.Empty(wrong);
    }

    // A comma between two words that come from elsewhere belongs to the sentence, not to the words.
    private static bool AllowedHan(string line) => !Han().IsMatch(Joint().Replace(line, ""));

    private static Dictionary<string, string> Words(Type area, string culture)
    {
        var set = new ResourceManager(area).GetResourceSet(CultureInfo.GetCultureInfo(culture), true, false);
        return set is null ? [] : set.Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (string)e.Value!);
    }

    private static HashSet<string> Places(string word) => [.. Place().Matches(word).Select(m => m.Value)];

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Platform.sln"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    [GeneratedRegex(@"\p{IsCJKUnifiedIdeographs}")]
    private static partial Regex Han();

    [GeneratedRegex("Chinese = |'[、，。：]'|[、，。：　]")]
    private static partial Regex Joint();

    [GeneratedRegex(@"@\*.*?\*@", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\b(?:T|Shell|Words|words)\[""([^""{]+)""[\],]")]
    private static partial Regex Asked();

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Place();
}
