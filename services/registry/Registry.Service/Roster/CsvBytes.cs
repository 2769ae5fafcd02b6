using System.Buffers;
using System.Text;

namespace Registry.Service.Roster;

/// <summary>
/// What reading a text file once found out about its bytes: finding it takes a reading of its own, to the last byte.
/// </summary>
public sealed class RosterEncoding
{
    /// <summary>Null until the file was read; otherwise UTF-8 with or without a mark, or GB 18030.</summary>
    internal (bool IsUtf8, bool HasMark)? Found { get; set; }
}

/// <summary>Turns the bytes of a CSV file into text, or says why they are none. The file is never held whole.</summary>
internal static class CsvBytes
{
    /// <summary>Bytes of one line; a line of the widest row stays far below.</summary>
    private const int LineBytesMax = 4 << 20;

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>The text of the file, read from the stream as it is asked for.</summary>
    /// <param name="file">Seekable; read once to find the encoding, unless it is known, and once for the text.</param>
    /// <param name="known">What an earlier reading of the same bytes found; filled in by the first.</param>
    /// <exception cref="WorkbookException">The bytes are no text, or of several encodings.</exception>
    public static TextReader Open(Stream file, RosterEncoding known)
    {
        known.Found ??= EncodingOf(Scan(file));
        file.Position = known.Found.Value.HasMark ? 3 : 0;
        return known.Found.Value.IsUtf8 ? new StreamReader(file, Utf8, false, 64 << 10, leaveOpen: true)
            : new Gb18030Reader(file);
    }

    private static (bool IsUtf8, bool HasMark) EncodingOf(Scanned scan)
    {
        if (scan.FirstWrong == 0) return (true, scan.HasMark);
        if (scan.HasMark) throw new WorkbookException(WorkbookProblems.EncodingMixed(scan.FirstWrong));
        // Lines of Chinese in UTF-8 inside a file that is no UTF-8: pasted together from two sources.
        if (scan.FirstChinese > 0)
            throw new WorkbookException(
                WorkbookProblems.EncodingMixed(Math.Max(scan.FirstChinese, scan.FirstWrong)));
        return (false, false);
    }

    /// <param name="FirstWrong">First line, 1-based, that is no UTF-8; 0 for none.</param>
    /// <param name="FirstChinese">First line that is Chinese in UTF-8; 0 for none.</param>
    private readonly record struct Scanned(bool HasMark, int FirstWrong, int FirstChinese);

    private static Scanned Scan(Stream file)
    {
        var buffer = new byte[256 << 10];
        var line = new ArrayBufferWriter<byte>();
        var (number, scanned, isFirst) = (1, default(Scanned), true);
        file.Position = 0;
        for (int count; (count = file.ReadAtLeast(buffer, buffer.Length, false)) > 0;)
        {
            ReadOnlySpan<byte> bytes = buffer.AsSpan(0, count);
            if (isFirst && bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] or [0, 0, 0xFE, 0xFF, ..])
                throw new WorkbookException(WorkbookProblems.EncodingWide);
            if (isFirst && bytes is [0xEF, 0xBB, 0xBF, ..])
            {
                scanned = scanned with { HasMark = true };
                bytes = bytes[3..];
            }
            isFirst = false;
            for (int end; (end = bytes.IndexOf((byte)'\n')) >= 0; bytes = bytes[(end + 1)..])
            {
                scanned = Line(line, bytes[..end], number++, scanned);
                line.ResetWrittenCount();
            }
            line.Write(bytes);
            if (line.WrittenCount > LineBytesMax)
                throw new WorkbookException(WorkbookProblems.CellTooLong($"line {number}", LineBytesMax));
        }
        return Line(line, [], number, scanned);
    }

    private static Scanned Line(ArrayBufferWriter<byte> begun, ReadOnlySpan<byte> rest, int number, Scanned scanned)
    {
        var line = rest;
        if (begun.WrittenCount > 0)
        {
            begun.Write(rest);
            line = begun.WrittenSpan;
        }
        if (line.IndexOfAnyInRange((byte)0, (byte)8) >= 0)
            throw new WorkbookException(WorkbookProblems.Binary(number));
        if (!System.Text.Unicode.Utf8.IsValid(line))
            return scanned.FirstWrong > 0 ? scanned : scanned with { FirstWrong = number };
        return scanned.FirstChinese > 0 || !IsChinese(line) ? scanned : scanned with { FirstChinese = number };
    }

    /// <summary>At least two sequences of three bytes: GBK text does not look like that by chance.</summary>
    private static bool IsChinese(ReadOnlySpan<byte> line)
    {
        var count = 0;
        foreach (var b in line)
            if (b is >= 0xE3 and <= 0xE9 && ++count == 2) return true;
        return false;
    }

    /// <summary>GB 18030 of 2022, block by block.</summary>
    private sealed class Gb18030Reader(Stream file) : TextReader
    {
        private readonly StreamReader inner = new(file, Gb18030.Strict, false, 64 << 10, leaveOpen: true);

        public override int ReadBlock(Span<char> buffer)
        {
            try
            {
                var count = inner.ReadBlock(buffer);
                Gb18030.Swap(buffer[..count]);
                return count;
            }
            catch (DecoderFallbackException)
            {
                throw new WorkbookException(WorkbookProblems.EncodingUnknown);
            }
        }
    }
}
