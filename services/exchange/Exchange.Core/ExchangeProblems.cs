using Platform.Kernel;

namespace Exchange;

/// <summary>The problems of streams; each code is explained in <see cref="ExchangeCodes"/>.</summary>
public static class ExchangeProblems
{
    public static Problem Malformed(long sequence) =>
        new(ProblemKind.Invalid, ExchangeCodes.Malformed, $"Sequence {sequence} cannot be.");

    public static Problem DigestConflict(long sequence) => new(ProblemKind.Precondition, ExchangeCodes.DigestConflict,
        $"Another entry stands at sequence {sequence}: the sender has two truths.");

    public static Problem ChainBroken(long sequence) => new(ProblemKind.Precondition, ExchangeCodes.ChainBroken,
        $"Entry {sequence} does not continue the chain.");

    public static Problem ReceiptBeyondHead(long sequence) =>
        new(ProblemKind.Precondition, ExchangeCodes.ReceiptBeyondHead,
        $"A receipt for {sequence}, which was never sent.");

    public static Problem ReceiptConflict(long sequence) => new(ProblemKind.Precondition, ExchangeCodes.ReceiptConflict,
        $"A receipt for another entry than the one at {sequence}.");

    public static Problem ReceiptIncomplete(long after) =>
        new(ProblemKind.Precondition, ExchangeCodes.ReceiptIncomplete,
        $"The receipt says nothing of the entries up to {after}.");

    public static Problem RegionUnknown(string region) => new(ProblemKind.NotFound, ExchangeCodes.RegionUnknown,
        $"No node in the directory serves {region}.");

    public static Problem ArrivalNotFound(Guid id) => new(ProblemKind.NotFound, ExchangeCodes.ArrivalNotFound,
        $"No arrival {id}.");

    public static Problem ArrivalSettled(Guid id) => new(ProblemKind.Precondition, ExchangeCodes.ArrivalSettled,
        $"Arrival {id} is settled with another outcome.");

    public static Problem BatchTooLarge(int max) => new(ProblemKind.Invalid, ExchangeCodes.BatchTooLarge,
        $"At most {max} messages at a time.");
}
