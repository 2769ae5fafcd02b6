using Platform.Hosting;

namespace Registry.Service.Roster;

/// <summary>How much of a file the reader is ready to look at. The defaults fit a million members.</summary>
public sealed record RosterLimits
{
    public static readonly RosterLimits Default = new();

    /// <summary>Bytes as sent; the gateway lets as many through.</summary>
    public long FileBytesMax { get; init; } = PlatformHost.UploadBytesMax;

    /// <summary>Bytes of all parts of a workbook after inflating.</summary>
    public long InflatedBytesMax { get; init; } = 4L << 30;

    /// <summary>Inflated over compressed bytes of one part; applies beyond the first MiB.</summary>
    public int InflationMax { get; init; } = 120;

    /// <summary>Inflated over compressed bytes of the whole workbook; applies beyond 256 MiB inflated.</summary>
    public int InflationOfLargeMax { get; init; } = 40;

    /// <summary>Bytes of one tag, attribute or text inside a part.</summary>
    public int TokenBytesMax { get; init; } = 256 << 10;

    /// <summary>Parts (zip entries) of a workbook.</summary>
    public int PartsMax { get; init; } = 500;

    public int SheetsMax { get; init; } = 50;

    /// <summary>Columns with something in them.</summary>
    public int ColumnsMax { get; init; } = 100;

    /// <summary>Rows with something in them, both sheets together.</summary>
    public int RowsMax { get; init; } = 1_048_576;

    /// <summary>UTF-16 units of one cell.</summary>
    public int CellLengthMax { get; init; } = 4_000;

    /// <summary>Texts that cells of a workbook point to; held in memory while it is read.</summary>
    public int SharedStringsMax { get; init; } = 8_000_000;

    /// <summary>UTF-16 units of all shared strings together.</summary>
    public int SharedStringCharsMax { get; init; } = 128 << 20;

    /// <summary>Rows above the header: title, unit, notes.</summary>
    public int RowsAboveHeaderMax { get; init; } = 10;
}
