using System.Text;

namespace Registry.Service.Roster;

/// <summary>Comma, semicolon or tab separated text (RFC 4180), bounded.</summary>
internal static class CsvText
{
    /// <summary>Records with the number of their first line, 1-based; a blank line is one empty field.</summary>
    public static IEnumerable<(int Line, List<string> Fields)> Read(string text, int cellLengthMax, int columnsMax)
    {
        var separator = SeparatorOf(text);
        var field = new StringBuilder();
        var fields = new List<string>();
        var (line, first, opened, quoted) = (1, 1, 0, false);
        for (var i = 0; i <= text.Length; i++)
        {
            var c = i < text.Length ? text[i] : '\n';
            if (i == text.Length && quoted) throw new WorkbookException(WorkbookProblems.QuotesOpen(opened));
            if (c == '\n' && i < text.Length) line++;
            if (c == '"' && (quoted || field.Length == 0))
            {
                if (quoted && i + 1 < text.Length && text[i + 1] == '"') field.Append(text[i++]);
                else (quoted, opened) = (!quoted, line);
            }
            else if (quoted || (c != separator && c is not ('\n' or '\r')))
            {
                field.Append(c);
                if (field.Length > cellLengthMax)
                    throw new WorkbookException(quoted
                        ? WorkbookProblems.QuotesOpen(opened)
                        : WorkbookProblems.CellTooLong($"line {line}", cellLengthMax));
            }
            else if (c != '\r' || i + 1 >= text.Length || text[i + 1] != '\n')
            {
                fields.Add(field.ToString());
                field.Clear();
                if (fields.Count > columnsMax)
                    throw new WorkbookException(WorkbookProblems.TooManyColumns($"line {line}", columnsMax));
                if (c == separator) continue;
                if (i < text.Length || fields.Count > 1 || fields[0].Length > 0) yield return (first, fields);
                fields = [];
                first = line;
            }
        }
    }

    private static char SeparatorOf(string text)
    {
        var end = text.AsSpan().IndexOfAny('\r', '\n');
        var line = end < 0 ? text.AsSpan() : text.AsSpan(0, end);
        var (commas, tabs, semicolons) = (line.Count(','), line.Count('\t'), line.Count(';'));
        return tabs > commas ? '\t' : semicolons > commas ? ';' : ',';
    }
}

/// <summary>Turns bytes into text, or says why they are none.</summary>
internal static class CsvBytes
{
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] or [0, 0, 0xFE, 0xFF, ..])
            throw new WorkbookException(WorkbookProblems.EncodingWide);
        var hasMark = bytes is [0xEF, 0xBB, 0xBF, ..];
        if (hasMark) bytes = bytes[3..];
        var binary = bytes.IndexOfAnyInRange((byte)0, (byte)8);
        if (binary >= 0) throw new WorkbookException(WorkbookProblems.Binary(LineAt(bytes, binary)));
        if (Utf8Of(bytes) is { } text) return text;
        var firstWrong = FirstLine(bytes, wanted: false);
        if (hasMark) throw new WorkbookException(WorkbookProblems.EncodingMixed(firstWrong));
        // Lines of Chinese in UTF-8 inside a file that is no UTF-8: pasted together from two sources.
        var firstUtf8 = FirstLine(bytes, wanted: true);
        if (firstUtf8 > 0) throw new WorkbookException(WorkbookProblems.EncodingMixed(Math.Max(firstUtf8, firstWrong)));
        return Gb18030.Decode(bytes) ?? throw new WorkbookException(WorkbookProblems.EncodingUnknown);
    }

    private static string? Utf8Of(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>First line, 1-based, that is Chinese in UTF-8 (wanted) or no UTF-8 at all; 0 for none.</summary>
    private static int FirstLine(ReadOnlySpan<byte> bytes, bool wanted)
    {
        var number = 0;
        while (bytes.Length > 0)
        {
            number++;
            var end = bytes.IndexOf((byte)'\n');
            var line = end < 0 ? bytes : bytes[..end];
            bytes = end < 0 ? [] : bytes[(end + 1)..];
            if (System.Text.Unicode.Utf8.IsValid(line) == wanted && (!wanted || IsChinese(line))) return number;
        }
        return 0;
    }

    /// <summary>At least two sequences of three bytes: GBK text does not look like that by chance.</summary>
    private static bool IsChinese(ReadOnlySpan<byte> line)
    {
        var count = 0;
        foreach (var b in line)
            if (b is >= 0xE3 and <= 0xE9) count++;
        return count >= 2;
    }

    private static int LineAt(ReadOnlySpan<byte> bytes, int at) => bytes[..at].Count((byte)'\n') + 1;
}
