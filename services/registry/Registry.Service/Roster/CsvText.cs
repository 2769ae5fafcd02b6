using System.Text;

namespace Registry.Service.Roster;

/// <summary>Comma, semicolon or tab separated text (RFC 4180), bounded.</summary>
internal static class CsvText
{
    /// <summary>
    /// Records with the number of their first line, 1-based; a blank line is one empty field. The fields are there
    /// until the next record is asked for. A value without quotes is as a rule the same string as in the same column of
    /// the record before, when it is the same value.
    /// </summary>
    public static IEnumerable<(int Line, List<string> Fields)> Read(
        TextReader reader, int cellLengthMax, int columnsMax)
    {
        var text = new CharSource(reader);
        var separator = SeparatorOf(text.FirstLine());
        var field = new StringBuilder();
        var (fields, above, whole) = (new List<string>(), new List<string>(), (string?)null);
        var (line, first, opened, quoted) = (1, 1, 0, false);
        while (true)
        {
            if (whole is null && !quoted && field.Length == 0)
                whole = Same(text.Unquoted(separator), fields.Count, above);
            if (whole?.Length > cellLengthMax)
                throw new WorkbookException(WorkbookProblems.CellTooLong($"line {line}", cellLengthMax));
            var c = text.Read();
            var hasEnded = c < 0;
            if (hasEnded && quoted) throw new WorkbookException(WorkbookProblems.QuotesOpen(opened));
            if (c == '\n') line++;
            if (c == '"' && (quoted || field.Length == 0))
            {
                if (quoted && text.Peek() == '"') field.Append((char)text.Read());
                else (quoted, opened) = (!quoted, line);
            }
            else if (!hasEnded && (quoted || (c != separator && c is not ('\n' or '\r'))))
            {
                field.Append((char)c);
                if (field.Length > cellLengthMax)
                    throw new WorkbookException(quoted
                        ? WorkbookProblems.QuotesOpen(opened)
                        : WorkbookProblems.CellTooLong($"line {line}", cellLengthMax));
            }
            else if (c != '\r' || text.Peek() != '\n')
            {
                fields.Add(whole ?? field.ToString());
                field.Clear();
                whole = null;
                if (fields.Count > columnsMax)
                    throw new WorkbookException(WorkbookProblems.TooManyColumns($"line {line}", columnsMax));
                if (c == separator) continue;
                if (!hasEnded || fields.Count > 1 || fields[0].Length > 0) yield return (first, fields);
                if (hasEnded) yield break;
                (fields, above) = (above, fields);
                fields.Clear();
                first = line;
            }
        }
    }

    // Most columns of a register hold few values: a string per cell is most of what reading leaves behind.
    private static string? Same(ReadOnlySpan<char> text, int column, List<string> above) =>
        text.IsEmpty ? null
        : column < above.Count && text.SequenceEqual(above[column]) ? above[column] : text.ToString();

    private static char SeparatorOf(ReadOnlySpan<char> line)
    {
        var (commas, tabs, semicolons) = (line.Count(','), line.Count('\t'), line.Count(';'));
        return tabs > commas ? '\t' : semicolons > commas ? ';' : ',';
    }

    /// <summary>One character at a time without a call into the reader for each.</summary>
    private sealed class CharSource(TextReader reader)
    {
        private readonly char[] buffer = new char[32 << 10];
        private int at;
        private int count;

        /// <summary>The first line as far as the buffer reaches; nothing is taken.</summary>
        public ReadOnlySpan<char> FirstLine()
        {
            Fill();
            var start = buffer.AsSpan(0, count);
            var end = start.IndexOfAny('\r', '\n');
            return end < 0 ? start : start[..end];
        }

        public int Read() => at < count || Fill() ? buffer[at++] : -1;

        /// <summary>Takes a field that has no quotes around it and ends in this buffer; nothing otherwise.</summary>
        public ReadOnlySpan<char> Unquoted(char separator)
        {
            var rest = buffer.AsSpan(at, count - at);
            if (rest.IsEmpty || rest[0] == '"') return default;
            var taken = rest[..Math.Max(0, rest.IndexOfAny(separator, '\r', '\n'))];
            at += taken.Length;
            return taken;
        }

        public int Peek() => at < count || Fill() ? buffer[at] : -1;

        private bool Fill()
        {
            if (at < count) return true;
            (at, count) = (0, reader.ReadBlock(buffer));
            return count > 0;
        }
    }
}
