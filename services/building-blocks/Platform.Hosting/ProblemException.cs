using Platform.Kernel;

namespace Platform.Hosting;

/// <summary>
/// A problem on its way from a handler to the edge, where it becomes a gRPC status or RFC 9457 details.
/// </summary>
public sealed class ProblemException(Problem problem) : Exception(problem.Detail)
{
    /// <summary>What the caller will be told.</summary>
    public Problem Problem { get; } = problem;
}
