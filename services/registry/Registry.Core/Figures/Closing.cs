using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Registry.Figures;

/// <summary>
/// 月报: the figures of one unit as of one day, as known at one instant. Never changed: what comes to light later makes
/// a revision beside it. Source: R-122, M-275.
/// </summary>
public sealed record Closing
{
    public required Guid Id { get; init; }

    /// <summary>Organisation path of the unit.</summary>
    public required string Path { get; init; }
    public required string Region { get; init; }
    public required string Name { get; init; }

    /// <summary>See <see cref="Measures.TierOf"/>.</summary>
    public required int Tier { get; init; }

    /// <summary>First day of the month reported.</summary>
    public required DateOnly Month { get; init; }

    /// <summary>1, and one more for each amended closing of the same month.</summary>
    public required int Revision { get; init; }

    /// <summary>The day the figures are of: the last of the month.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>The instant the register was read; the lists open as known then.</summary>
    public required DateTimeOffset KnownAt { get; init; }

    /// <summary>Headcount of the closing before; of the first one, what was held on the day before the month.</summary>
    public required long Opening { get; init; }
    public required long Increases { get; init; }
    public required long Decreases { get; init; }
    public required long Headcount { get; init; }

    /// <summary>"figure" or "figure:value" to number; see <see cref="FigureBook"/>.</summary>
    public required IReadOnlyDictionary<string, long> Figures { get; init; }

    /// <summary>Archives counted today for the day of the closing before that were not counted then.</summary>
    public Guid[] LateAdded { get; init; } = [];

    /// <summary>The contrary.</summary>
    public Guid[] LateRemoved { get; init; } = [];

    /// <summary>Why a closing was amended; "" for the first one of a month.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Id of the account that closed.</summary>
    public required string ClosedBy { get; init; }
    public required DateTimeOffset ClosedAt { get; init; }

    /// <summary>True where the registers behind the numbers are kept at this node.</summary>
    public required bool Own { get; init; }

    /// <summary>Hash of the unit's closing before in time; 32 zeros for its first.</summary>
    public required byte[] PreviousHash { get; init; }
    public byte[] Hash { get; init; } = [];

    /// <summary>this month - (last month + increases - decreases); 0 when the month closes. Source: R-122.</summary>
    public long Difference => Headcount - (Opening + Increases - Decreases);

    /// <summary>All single numbers, the identity's among them, by name; breakdowns left out.</summary>
    public Dictionary<string, long> Numbers() => new(
        Figures.Where(f => !f.Key.Contains(':', StringComparison.Ordinal)), StringComparer.Ordinal)
    {
        [Measures.Headcount] = Headcount,
        ["opening"] = Opening,
        ["increases"] = Increases,
        ["decreases"] = Decreases,
    };

    /// <summary>
    /// The closing before and every number of this one as bytes, lengths before texts, so that no two different
    /// closings share them; what the hash is taken over.
    /// </summary>
    public byte[] ToCanonicalBytes()
    {
        var bytes = new ArrayBufferWriter<byte>();
        bytes.Write(PreviousHash);
        foreach (var text in new[] { Path, Region, Reason, ClosedBy }) Write(bytes, text);
        foreach (var number in new[] { Month.DayNumber, Revision, Day.DayNumber, KnownAt.UtcTicks / 10, Opening,
            Increases, Decreases, Headcount, Figures.Count }) Write(bytes, number);
        foreach (var (key, value) in Figures.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            Write(bytes, key);
            Write(bytes, value);
        }
        return bytes.WrittenSpan.ToArray();
    }

    private static void Write(ArrayBufferWriter<byte> bytes, string text)
    {
        Write(bytes, Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, bytes);
    }

    private static void Write(ArrayBufferWriter<byte> bytes, long number)
    {
        BinaryPrimitives.WriteInt64BigEndian(bytes.GetSpan(8), number);
        bytes.Advance(8);
    }
}
