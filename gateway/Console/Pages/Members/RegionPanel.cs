using Gateway.Console.Node;
using Microsoft.AspNetCore.Components;

namespace Gateway.Console.Pages.Members;

/// <summary>What the panels about doubles across regions share; each has its own list and forms.</summary>
public abstract class RegionPanel : PeoplePage
{
    /// <summary>The page they stand on.</summary>
    protected const string Here = "/doubles/regions";

    /// <summary>Ended rounds in a list.</summary>
    protected const int OverMax = 20;

    private const int ReadMax = 200;
    private const int PagesMax = 20;

    /// <summary>All divisions in force, by code.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyDictionary<string, string> Places { get; set; } = null!;

    /// <summary>Names of regions, from codes separated by commas.</summary>
    protected string Names(string regions) => string.Join(T["list-comma"], regions.Split(',').Select(Name));

    /// <summary>The last name of a place, or its code.</summary>
    protected string Name(string region) => Places.GetValueOrDefault(region, region);

    /// <summary>What is wrong with a field of one of several forms.</summary>
    protected string? WrongIn(string form, string field) => Posted == form ? Wrong(field) : null;

    /// <summary>A whole list, newest first: these come a few a year.</summary>
    protected async Task<IReadOnlyList<T>?> AllAsync<T>(string path)
    {
        var (all, next) = (new List<T>(), (string?)null);
        for (var i = 0; i < PagesMax && (i == 0 || next is not null); i++)
        {
            var page = await ReadAsync<ListPage<T>>($"{path}?size={ReadMax}{Page(next)}");
            if (page is null) return null;
            all.AddRange(page.Items);
            next = page.Next;
        }
        all.Reverse();
        return all;
    }

    /// <summary>Does what a form of the list asks and comes back.</summary>
    protected async Task StepAsync(string path, object? body, string form)
    {
        if (await DoAsync(() => Api.SendAsync(HttpMethod.Post, path, body, Command(form))))
            Navigation.NavigateTo(Here);
    }

    /// <summary>Pressed twice: the first time did it, and only what was pressed is left of the form.</summary>
    protected string? Gone { get; private set; }

    /// <summary>Sees whether the posted form still stands.</summary>
    protected void Left(string prefix, IEnumerable<Guid> open)
    {
        if (Posted?.StartsWith(prefix, StringComparison.Ordinal) == true && !open.Any(id => Posted == $"{prefix}{id}"))
            Gone = Posted;
    }

    /// <summary>Shows what stands.</summary>
    protected void Back() => Navigation.NavigateTo(Here);
}
