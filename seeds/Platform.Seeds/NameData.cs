using System.Globalization;
using System.Text;

namespace Platform.Seeds;

/// <summary>
/// Makes <c>seeds/names/readings.tsv</c> and <c>variants.tsv</c> from the Unihan database (Debian package
/// unicode-data, files unpacked). Which fields are taken and why: <c>seeds/README.md</c>.
/// </summary>
internal static class NameData
{
    public static (int Readings, int Variants) Write(string unihan, string folder)
    {
        var readings = Fields(Path.Combine(unihan, "Unihan_Readings.txt"));
        var variants = Fields(Path.Combine(unihan, "Unihan_Variants.txt"));
        var syllables = readings.ToDictionary(r => r.Key, r => Syllables(r.Value));
        var lines = Readings(syllables);
        File.WriteAllLines(Path.Combine(folder, "readings.tsv"),
            lines.Prepend("# syllable\tfirst reading of\talso of"));
        var pairs = Variants(variants, readings, syllables);
        File.WriteAllLines(Path.Combine(folder, "variants.tsv"), pairs.Prepend("# character\tstands for\tstrength"));
        return (syllables.Count(s => s.Value.Count > 0), pairs.Count);
    }

    private static Dictionary<int, Dictionary<string, string>> Fields(string path)
    {
        var found = new Dictionary<int, Dictionary<string, string>>();
        foreach (var line in File.ReadLines(path))
        {
            if (!line.StartsWith("U+", StringComparison.Ordinal)) continue;
            var cells = line.Split('\t');
            var of = Point(cells[0]);
            if (!found.TryGetValue(of, out var fields)) found[of] = fields = [];
            fields[cells[1]] = cells[2];
        }
        return found;
    }

    // The first reading is the customary one of the mainland; the others are those of two modern dictionaries.
    private static List<string> Syllables(Dictionary<string, string> fields)
    {
        var all = new List<string>();
        foreach (var field in (string[])["kMandarin", "kTGHZ2013", "kXHC1983", "kHanyuPinlu", "kHanyuPinyin"])
        {
            if (field == "kHanyuPinyin" && all.Count > 0) break;
            var words = fields.GetValueOrDefault(field, "").Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
            foreach (var word in words)
            {
                var syllable = Plain(word.Split(':')[^1].Split('(')[0]);
                if (syllable.Length > 0 && !all.Contains(syllable)) all.Add(syllable);
            }
        }
        return all;
    }

    private static string Plain(string toned)
    {
        var letters = new StringBuilder();
        foreach (var c in toned.Replace('ü', 'v').Normalize(NormalizationForm.FormD))
        {
            if (c == '\u0308') letters[^1] = 'v';
            else if (char.IsAsciiLetterLower(c)) letters.Append(c);
        }
        return letters.ToString();
    }

    private static List<string> Readings(Dictionary<int, List<string>> syllables) =>
        [.. syllables.SelectMany(s => s.Value.Select((Word, Rank) => (s.Key, Word, Rank)))
            .GroupBy(s => s.Word).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => $"{g.Key}\t{Text(g.Where(s => s.Rank == 0))}\t{Text(g.Where(s => s.Rank > 0))}"
                .TrimEnd('\t'))];

    private static string Text(IEnumerable<(int Key, string, int)> points) =>
        string.Concat(points.Select(p => p.Key).Order().Select(char.ConvertFromUtf32));

    // "same": simplified form or a difference of type. "similar": the same word by some dictionary, and read alike.
    private static List<string> Variants(Dictionary<int, Dictionary<string, string>> variants,
        Dictionary<int, Dictionary<string, string>> readings, Dictionary<int, List<string>> syllables)
    {
        var lines = new SortedDictionary<int, List<string>>();
        void Add(int from, int to, string strength)
        {
            if (!lines.TryGetValue(from, out var list)) lines[from] = list = [];
            list.Add($"{char.ConvertFromUtf32(from)}\t{char.ConvertFromUtf32(to)}\t{strength}");
        }
        bool IsStandard(int point) => readings.TryGetValue(point, out var r) && r.ContainsKey("kTGHZ2013");
        bool ReadAlike(int a, int b) => syllables.TryGetValue(a, out var x) && syllables.TryGetValue(b, out var y)
            && x.Intersect(y).Any();
        foreach (var (from, fields) in variants)
        {
            var simple = Points(fields, "kSimplifiedVariant");
            var folded = simple.Count > 0 && !simple.Contains(from);
            if (folded) Add(from, simple[0], "same");
            foreach (var to in Points(fields, "kZVariant").Where(to => !folded && !IsStandard(from)
                && (IsStandard(to) || from > to)).Take(1))
                Add(from, to, "same");
            foreach (var to in Points(fields, "kSemanticVariant").Concat(Points(fields, "kSpecializedSemanticVariant"))
                .Distinct().Where(to => from > to && ReadAlike(from, to)))
                Add(from, to, "similar");
        }
        return [.. lines.Values.SelectMany(l => l)];
    }

    private static List<int> Points(Dictionary<string, string> fields, string field) =>
        [.. fields.GetValueOrDefault(field, "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(w => Point(w.Split('<')[0]))];

    private static int Point(string word) =>
        int.Parse(word.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
