namespace Registry.Service.Roster;

/// <summary>What is left of the whole workbook's allowance.</summary>
/// <param name="fileBytes">Size of the workbook as sent.</param>
internal sealed class InflationBudget(RosterLimits limits, long fileBytes)
{
    private const long LargeBytes = 256 << 20;
    private long left = Math.Min(limits.InflatedBytesMax, Math.Max(LargeBytes, fileBytes * limits.InflationOfLargeMax));

    public RosterLimits Limits => limits;

    public void Spend(int bytes)
    {
        left -= bytes;
        if (left < 0) throw new WorkbookException(WorkbookProblems.Bomb);
    }
}

/// <summary>
/// Inflated bytes of one part, counted as they come: sizes stated in the archive are not believed. Also bounds the
/// distance between angle brackets, because an XML reader holds a whole attribute or text in memory.
/// </summary>
internal sealed class GuardedStream(Stream inner, long compressed, InflationBudget budget, string part) : Stream
{
    private long total;
    private int sinceBracket;

    public override int Read(Span<byte> buffer)
    {
        var count = inner.Read(buffer);
        budget.Spend(count);
        total += count;
        if (total > 1 << 20 && total > Math.Max(compressed, 1) * budget.Limits.InflationMax)
            throw new WorkbookException(WorkbookProblems.Bomb);
        var read = buffer[..count];
        var first = read.IndexOfAny((byte)'<', (byte)'>');
        sinceBracket += first < 0 ? count : first;
        if (sinceBracket > budget.Limits.TokenBytesMax)
            throw new WorkbookException(WorkbookProblems.CellTooLong(part, budget.Limits.CellLengthMax));
        if (first >= 0) sinceBracket = count - 1 - read.LastIndexOfAny((byte)'<', (byte)'>');
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => total; set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }
}
