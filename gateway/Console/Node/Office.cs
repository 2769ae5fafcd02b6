using Microsoft.Extensions.Caching.Memory;
using Platform.Hosting;

namespace Gateway.Console.Node;

/// <summary>The name of the organisation a person acts for, for the head of the page.</summary>
public sealed class Office(NodeApi api, Reference reference, IMemoryCache kept)
{
    private static readonly TimeSpan Keep = TimeSpan.FromMinutes(10);

    private sealed record Organisation(string Path, string Name);

    /// <summary>The organisation's name, a member's branch; else the place's; else its code.</summary>
    public async Task<string> NameAsync(Caller caller) => (await kept.GetOrCreateAsync(
        // Not every role may know the name: what one is told is not what another is told.
        $"office {caller.Org} {caller.MemberId} {string.Join(' ', caller.Roles.Order(StringComparer.Ordinal))}",
        async entry =>
        {
            entry.AbsoluteExpirationRelativeToNow = Keep;
            try
            {
                return caller.MemberId is { } member
                    ? (await api.GetAsync<MemberCases>($"members/{member}/cases")).Branch
                    : await FindAsync(caller.Org);
            }
            catch (NodeProblemException)
            {
                entry.AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(10);
                return CodeOf(caller.Org);
            }
        }))!;

    private async Task<string> FindAsync(string org)
    {
        try
        {
            var top = (await api.GetAsync<ListPage<Organisation>>("organisations?size=1")).Items;
            if (top.Count > 0 && top[0].Path == org) return top[0].Name;
        }
        catch (NodeProblemException e) when (e.Problem.Status == 403)
        {
            // Operators and administrators of accounts see no organisations; the place has a name all the same.
        }
        return (await reference.PlacesAsync()).GetValueOrDefault(CodeOf(org), CodeOf(org));
    }

    private static string CodeOf(string org) => org.TrimEnd('/').Split('/')[^1];
}
