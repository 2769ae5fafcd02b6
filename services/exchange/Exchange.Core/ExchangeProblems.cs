using Platform.Kernel;

namespace Exchange;

/// <summary>The problems of streams; each code is explained in <see cref="ExchangeCodes"/>.</summary>
public static class ExchangeProblems
{
    public static Problem Malformed(long sequence) =>
        new(ProblemKind.Invalid, ExchangeCodes.Malformed, $"Sequence {sequence} cannot be.", $"序号 {sequence} 不可能存在。");

    public static Problem DigestConflict(long sequence) => new(ProblemKind.Precondition, ExchangeCodes.DigestConflict,
        $"Another entry stands at sequence {sequence}: the sender has two truths.",
        $"序号 {sequence} 处已有内容不同的条目，发送方前后矛盾。");

    public static Problem ChainBroken(long sequence) => new(ProblemKind.Precondition, ExchangeCodes.ChainBroken,
        $"Entry {sequence} does not continue the chain.", $"序号 {sequence} 的条目与前一条目不衔接。");

    public static Problem ReceiptBeyondHead(long sequence) =>
        new(ProblemKind.Precondition, ExchangeCodes.ReceiptBeyondHead,
        $"A receipt for {sequence}, which was never sent.", $"回执所称的序号 {sequence} 从未发送。");

    public static Problem ReceiptConflict(long sequence) => new(ProblemKind.Precondition, ExchangeCodes.ReceiptConflict,
        $"A receipt for another entry than the one at {sequence}.", $"回执与序号 {sequence} 处的条目不符。");

    public static Problem ReceiptIncomplete(long after) =>
        new(ProblemKind.Precondition, ExchangeCodes.ReceiptIncomplete,
        $"The receipt says nothing of the entries up to {after}.", $"回执未包含序号 {after} 及以前的条目。");

    public static Problem RegionUnknown(string region) => new(ProblemKind.NotFound, ExchangeCodes.RegionUnknown,
        $"No node in the directory serves {region}.", $"目录中没有服务 {region} 的节点。");

    public static Problem ArrivalNotFound(Guid id) => new(ProblemKind.NotFound, ExchangeCodes.ArrivalNotFound,
        $"No arrival {id}.", $"没有编号为 {id} 的来件。");

    public static Problem ArrivalSettled(Guid id) => new(ProblemKind.Precondition, ExchangeCodes.ArrivalSettled,
        $"Arrival {id} is settled with another outcome.", $"来件 {id} 已按另一结果办结。");

    public static Problem BatchTooLarge(int max) => new(ProblemKind.Invalid, ExchangeCodes.BatchTooLarge,
        $"At most {max} messages at a time.", $"一次最多 {max} 条消息。");
}
