using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Platform.Kernel;

namespace Platform.Hosting;

/// <summary>
/// The caller's id for one command (header <c>Idempotency-Key</c>, a UUID): the same id is carried out once.
/// </summary>
/// <param name="Revision">What the person saw when deciding (<c>If-Match</c>); null: whatever stands now.</param>
public readonly record struct CommandId(Guid Value, long? Revision = null)
{
    /// <summary>Reads the header; called by the framework.</summary>
    /// <exception cref="ProblemException">IDEMPOTENCY_KEY_MISSING.</exception>
    public static ValueTask<CommandId> BindAsync(HttpContext http, ParameterInfo parameter)
    {
        ArgumentNullException.ThrowIfNull(http);
        return Guid.TryParse(http.Request.Headers["Idempotency-Key"], out var id) && id != Guid.Empty
            ? ValueTask.FromResult(new CommandId(id, Expected(http)))
            : throw new ProblemException(new(ProblemKind.Invalid, "IDEMPOTENCY_KEY_MISSING",
                "Send the header Idempotency-Key with a new UUID for each command; repeat it when you retry.",
                "每个操作须在 Idempotency-Key 请求头中携带新的 UUID，重试时保持不变。"));
    }

    private static long? Expected(HttpContext http) => long.TryParse(http.Request.Headers.IfMatch.ToString().Trim('"'),
        NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : null;
}
