using Platform.Kernel;

namespace Platform.Hosting;

/// <summary>Reads scalar wire values; a malformed one is the caller's problem, not ours.</summary>
public static class Wire
{
    /// <exception cref="ProblemException">INVALID_ARGUMENT_FORMAT: <paramref name="text"/> is not a UUID.</exception>
    public static Guid Uuid(string text, string field) => Guid.TryParse(text, out var id) ? id
        : throw new ProblemException(new(ProblemKind.Invalid, "INVALID_ARGUMENT_FORMAT", $"{field} must be a UUID.",
            $"{field} 须为 UUID。"));
}
