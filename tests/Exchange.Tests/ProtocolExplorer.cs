using System.Collections.Immutable;

namespace Exchange.Tests;

/// <summary>
/// Two nodes, one stream, and a network that may do anything within a budget: lose, repeat, reorder, be wiped; and
/// either side may crash between its commit and what follows. Every interleaving is visited.
/// </summary>
public sealed class ProtocolExplorer(int entries, Budget budget, ProtocolExplorer.Receiver receive)
{
    public delegate Platform.Kernel.Decision<IncomingEvent> Receiver(
        IncomingStream stream, IncomingEntry entry, Digest? known, IReadOnlyDictionary<long, IncomingEntry> buffer);

    private const int NetworkMax = 3;
    private const int BufferAhead = 2;
    private const long RefusedSequence = 2; // keeps its place, is not delivered: the sender must learn of it
    private static readonly ResendTerms Terms = new(8, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8));
    private static readonly DateTimeOffset Late = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Early = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly Digest[] _chain = Chain(entries);
    private readonly HashSet<string> _seen = [];

    public int StateCount => _seen.Count;

    /// <summary>Null: every promise held in every state. Else what broke, with the way there.</summary>
    public string? Explore()
    {
        var stack = new Stack<State>();
        stack.Push(State.Start(budget));
        while (stack.TryPop(out var state))
        {
            if (Broken(state) is { } why) return $"{why} after {string.Join(", ", state.Path.Reverse())}";
            if (!_seen.Add(state.Key())) continue;
            if (!Finishes(state)) return $"does not finish after {string.Join(", ", state.Path.Reverse())}";
            foreach (var next in Steps(state)) stack.Push(next);
        }
        return null;
    }

    private string? Broken(State s) => s switch
    {
        { Problem: { } code } => code,
        _ when s.In.Through > s.Out.Head => "received what was never sent",
        _ when s.In.Digest != _chain[s.In.Through] => "ledgers differ",
        _ when s.Out.ReceiptedThrough > s.In.Through => "a receipt for what was not received",
        _ when s.Delivered != s.In.Through => "delivered twice or not at all",
        _ when s.Out.ReceiptedThrough >= RefusedSequence && !s.RefusalKnown =>
            "the sender thinks a refused message arrived",
        _ => null,
    };

    private bool Finishes(State s)
    {
        for (var round = 0; round < 8; round++)
        {
            while (s.Out.Head < entries) s = Append(s);
            if (OutgoingStreamDecider.Overdue(s.Out, Terms, Late) is { } rewound) s = s.With(Evolve(s.Out, rewound));
            while (Publish(s, recorded: true, NetworkMax + 9) is { } p) s = p;
            while (s.Network.Count > 0 && s.Problem is null) s = Deliver(s, 0, keep: false, answer: true);
            if (s.Problem is not null) return false;
            if (s.Out.ReceiptedThrough == entries) return s.In.Through == entries && Broken(s) is null;
        }
        return false;
    }

    private IEnumerable<State> Steps(State s)
    {
        if (s.Out.Head < entries) yield return Append(s).Did("append");
        if (Publish(s, recorded: true, NetworkMax) is { } published) yield return published.Did("publish");
        if (s.Left.Crashes > 0 && Publish(s, recorded: false, NetworkMax) is { } crashed)
            yield return (crashed with { Left = s.Left with { Crashes = s.Left.Crashes - 1 } }).Did("publish+crash");
        if (s.Left.Rewinds > 0 && OutgoingStreamDecider.Overdue(s.Out, Terms, Late) is { } rewound)
            yield return (s.With(Evolve(s.Out, rewound)) with { Left = s.Left with { Rewinds = s.Left.Rewinds - 1 } })
                .Did("rewind");
        if (s.Left.Statements > 0 && s.Out.PublishedThrough > 0 && s.Network.Count < NetworkMax)
            yield return (s.Put(State()) with { Left = s.Left with { Statements = s.Left.Statements - 1 } })
                .Did("state");
        for (var i = 0; i < s.Network.Count; i++)
        {
            yield return Deliver(s, i, keep: false, answer: true).Did($"deliver {s.Network[i]}");
            if (s.Left.Duplicates > 0)
                yield return (Deliver(s, i, keep: true, answer: true) with
                { Left = s.Left with { Duplicates = s.Left.Duplicates - 1 } }).Did($"repeat {s.Network[i]}");
            if (s.Left.Drops > 0)
                yield return (s.Take(i) with { Left = s.Left with { Drops = s.Left.Drops - 1 } })
                    .Did($"lose {s.Network[i]}");
            if (s.Left.Crashes > 0)
                yield return (Deliver(s, i, keep: false, answer: false) with
                { Left = s.Left with { Crashes = s.Left.Crashes - 1 } }).Did($"deliver {s.Network[i]}+crash");
        }
        if (s.Left.Wipes > 0 && s.Network.Count > 0)
            yield return (s with { Network = [], Left = s.Left with { Wipes = s.Left.Wipes - 1 } }).Did("wipe");

        Message State() => new('S', s.Out.PublishedThrough, s.Out.ReceiptedThrough);
    }

    private State Append(State s)
    {
        var next = s.Out.Head + 1;
        var decision = OutgoingStreamDecider.Append(s.Out, next, _chain[next - 1], _chain[next]);
        return s.With(Evolve(s.Out, decision.Events[0]));
    }

    private static State? Publish(State s, bool recorded, int room)
    {
        if (s.Network.Count >= room || OutgoingStreamDecider.ToPublish(s.Out, Terms) is not { } range) return null;
        var sent = s.Put(new('E', range.First, 0));
        return recorded ? sent.With(Evolve(s.Out, OutgoingStreamDecider.Published(s.Out, range.First, Terms, Early)))
            : sent;
    }

    private State Deliver(State s, int index, bool keep, bool answer)
    {
        var message = s.Network[index];
        var rest = keep ? s : s.Take(index);
        return message.Kind switch
        {
            'E' => TakeEntry(rest, message.A, answer),
            'S' => TakeStatement(rest, message, answer),
            'R' => TakeReceipt(rest, message),
            'A' => TakeAsk(rest, message),
            _ => throw new InvalidOperationException(),
        };
    }

    private State TakeEntry(State s, long sequence, bool answer)
    {
        var known = sequence <= s.In.Through ? _chain[sequence] : (Digest?)null;
        var entry = new IncomingEntry(sequence, _chain[sequence - 1], _chain[sequence]);
        return Fold(s, receive(s.In, entry, known, s.Buffer), answer);
    }

    private State TakeStatement(State s, Message m, bool answer)
    {
        var known = m.A <= s.In.Through ? _chain[m.A] : (Digest?)null;
        return Fold(s, IncomingStreamDecider.Compare(s.In, new(m.A, _chain[m.A], m.B), known, s.Buffer), answer);
    }

    private static State Fold(State s, Platform.Kernel.Decision<IncomingEvent> decision, bool answer)
    {
        if (decision.Problem is { } problem) return s with { Problem = problem.Code };
        foreach (var happened in decision.Events)
        {
            s = s with { In = IncomingStreamDecider.Evolve(s.In, happened) };
            s = happened switch
            {
                EntryAccepted e => s with { Delivered = s.Delivered + 1, Buffer = s.Buffer.Remove(e.Entry.Sequence) },
                EntryBuffered e => s with { Buffer = s.Buffer.SetItem(e.Entry.Sequence, e.Entry) },
                GapFound g when answer => s.Put(new('A', g.First, g.Last)),
                BufferedDiscarded => s with { Problem = "honest chain discarded" },
                _ => s,
            };
        }
        return answer ? s.Put(new('R', s.In.Through, s.In.AcknowledgedThrough)) : s;
    }

    private State TakeReceipt(State s, Message m)
    {
        var receipt = new ReceiptStatement(m.B, m.A, _chain[m.A]);
        var decision = OutgoingStreamDecider.TakeReceipt(s.Out, receipt, _chain[m.A], Terms, Early);
        if (decision.Problem is { } problem) return s with { Problem = problem.Code };
        var knows = s.RefusalKnown || (m.B < RefusedSequence && RefusedSequence <= m.A);
        return s.With(Evolve(s.Out, decision.Events[0])) with { RefusalKnown = knows };
    }

    private static State TakeAsk(State s, Message m)
    {
        if (OutgoingStreamDecider.Asked(s.Out, m.A, m.B) is not { } range) return s;
        for (var i = range.First; i <= range.Last; i++) s = s.Put(new('E', i, 0));
        return s;
    }

    private static OutgoingStream Evolve(OutgoingStream stream, OutgoingEvent happened) =>
        OutgoingStreamDecider.Evolve(stream, happened);

    private static Digest[] Chain(int count)
    {
        var chain = new List<Digest> { Digest.Zero };
        for (var i = 1; i <= count; i++) chain.Add(Digest.Of([(byte)i, .. chain[^1].Span]));
        return [.. chain];
    }

    /// <summary>Default receiver: the real decider.</summary>
    public static Platform.Kernel.Decision<IncomingEvent> Real(
        IncomingStream stream, IncomingEntry entry, Digest? known, IReadOnlyDictionary<long, IncomingEntry> buffer) =>
        IncomingStreamDecider.Arrive(stream, entry, known, buffer, BufferAhead);
}

/// <summary>What the network and the crashes may still do.</summary>
public sealed record Budget(int Drops, int Duplicates, int Crashes, int Wipes, int Rewinds, int Statements);

/// <summary>
/// E entry (sequence), R receipt (through, after), A ask (first, last), S statement (head, receipted).
/// </summary>
internal readonly record struct Message(char Kind, long A, long B)
{
    public override string ToString() => $"{Kind}{A}.{B}";
}

internal sealed record State
{
    public required OutgoingStream Out { get; init; }
    public required IncomingStream In { get; init; }
    public required Budget Left { get; init; }
    public ImmutableSortedDictionary<long, IncomingEntry> Buffer { get; init; } =
        ImmutableSortedDictionary<long, IncomingEntry>.Empty;
    public ImmutableList<Message> Network { get; init; } = [];
    public long Delivered { get; init; }
    public bool RefusalKnown { get; init; }
    public string? Problem { get; init; }
    public ImmutableStack<string> Path { get; init; } = [];

    public static State Start(Budget budget)
    {
        var id = new StreamId("1", "2");
        return new() { Out = OutgoingStream.New(id), In = IncomingStream.New(id), Left = budget };
    }

    public State With(OutgoingStream next) => this with { Out = next with { Attempt = 0 } };
    public State Take(int index) => this with { Network = Network.RemoveAt(index) };
    public State Did(string step) => this with { Path = Path.Push(step) };

    /// <summary>A network holds each message once: repeats are the duplicate budget's.</summary>
    public State Put(Message message) =>
        Network.Contains(message) ? this : this with { Network = Network.Add(message) };

    public string Key() => string.Join('|', Out.Head, Out.ReceiptedThrough, Out.PublishedThrough, In.Through,
        In.AcknowledgedThrough, string.Join(',', Buffer.Keys), string.Join(' ', Network.Order(Order)), Left,
            RefusalKnown);

    private static readonly Comparer<Message> Order =
        Comparer<Message>.Create((x, y) => (x.Kind, x.A, x.B).CompareTo((y.Kind, y.A, y.B)));
}
