using System.Security.Cryptography;
using Registry.Figures;

namespace Registry.Service;

/// <summary>
/// The closings of one unit, each over the one before, so that no number changes unseen. Source: M-275, P5.
/// </summary>
internal static class ClosingHash
{
    /// <summary>SHA-256 of a closing.</summary>
    public static byte[] Of(Closing closing) => SHA256.HashData(closing.ToCanonicalBytes());

    /// <summary>
    /// Positions (from 0) at which a unit's closings, oldest first, do not follow from each other; empty when whole.
    /// </summary>
    public static IReadOnlyList<int> Breaks(IEnumerable<Closing> closings)
    {
        var (breaks, previous, at) = (new List<int>(), new byte[32], 0);
        foreach (var closing in closings)
        {
            if (!closing.PreviousHash.AsSpan().SequenceEqual(previous)
                || !closing.Hash.AsSpan().SequenceEqual(Of(closing))) breaks.Add(at);
            previous = closing.Hash;
            at++;
        }
        return breaks;
    }
}
