using System.Collections.Frozen;
using System.Reflection;
using Platform.Hosting;
using Platform.Kernel;

namespace Registry.Service;

/// <summary>
/// Refuses query parameters that an endpoint does not know: a filter with a wrong name would otherwise show everything,
/// and look as if it had worked.
/// </summary>
internal static class KnownParameters
{
    /// <summary>For every endpoint of a group; PARAMETER_UNKNOWN names what is wrong.</summary>
    public static EndpointFilterDelegate Only(EndpointFilterFactoryContext context, EndpointFilterDelegate next)
    {
        var known = context.MethodInfo.GetParameters().SelectMany(Names)
            .ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        return call =>
        {
            var unknown = call.HttpContext.Request.Query.Keys.Where(k => !known.Contains(k)).Order().ToList();
            return unknown.Count == 0 ? next(call) : throw new ProblemException(Unknown(unknown));
        };
    }

    private static IEnumerable<string> Names(ParameterInfo parameter) =>
        parameter.GetCustomAttribute<AsParametersAttribute>() is null ? [parameter.Name!]
            : parameter.ParameterType.GetProperties().Select(p => p.Name);

    private static Problem Unknown(IReadOnlyList<string> names)
    {
        var named = string.Join(", ", names);
        return new(ProblemKind.Invalid, "PARAMETER_UNKNOWN", $"This address takes no parameter named {named}.",
            $"此接口没有名为 {named} 的参数。");
    }
}
