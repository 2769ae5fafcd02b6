using Gateway.Console.Node;
using Gateway.Console.Resources;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Localization;
using Platform.Hosting;

namespace Gateway.Console.Parts;

/// <summary>What every page has: the person, the node's APIs, and how a refusal becomes a state of the page.</summary>
public abstract class ConsolePage : ComponentBase
{
    [CascadingParameter]
    protected HttpContext Http { get; set; } = null!;

    [Inject]
    protected NodeApi Api { get; set; } = null!;

    [Inject]
    protected Say Say { get; set; } = null!;

    [Inject]
    protected IStringLocalizer<Shell> Shell { get; set; } = null!;

    [Inject]
    protected NavigationManager Navigation { get; set; } = null!;

    /// <summary>Who looks at the page; the services decide what may be done, this only hides the rest.</summary>
    protected Caller Me => _me ??= Caller.Of(Http.User);

    /// <summary>Why the page cannot be shown; null: it can.</summary>
    protected NodeProblem? Failed { get; private set; }

    /// <summary>Why the form was refused; null: it was not.</summary>
    protected NodeProblem? Refused { get; private set; }

    private Caller? _me;

    /// <summary>Reads what the page shows; a refusal is in <see cref="Failed"/> and is the page's status.</summary>
    protected Task<T?> ReadAsync<T>(string path) where T : class =>
        ReadFromAsync(() => Api.GetAsync<T>(path, Http.RequestAborted));

    /// <summary>The same for what is no JSON.</summary>
    protected async Task<T?> ReadFromAsync<T>(Func<Task<T>> read) where T : class
    {
        try
        {
            return await read();
        }
        catch (NodeProblemException e)
        {
            Fail(e.Problem);
            return null;
        }
    }

    /// <summary>The page cannot be shown: the refusal is its state and its status.</summary>
    protected void Fail(NodeProblem problem)
    {
        Failed = problem;
        // Whether it exists is not told, and a bare 404 would be answered without the page.
        Http.Response.StatusCode = problem.Status == StatusCodes.Status404NotFound ? StatusCodes.Status403Forbidden
            : problem.Status;
    }

    /// <summary>False, and the page is denied, when who looks may not do what it is for.</summary>
    protected bool Only(bool may)
    {
        if (!may) Fail(new(StatusCodes.Status403Forbidden, "", "", "", new Dictionary<string, string>()));
        return may;
    }

    /// <summary>
    /// Does what a form asks; a refusal is kept in <see cref="Refused"/> and the form stays as it was typed.
    /// </summary>
    /// <returns>True when it was done.</returns>
    protected async Task<bool> DoAsync(Func<Task> command)
    {
        try
        {
            await command();
            return true;
        }
        catch (NodeProblemException e)
        {
            Refused = e.Problem;
            Http.Response.StatusCode = e.Problem.Status is >= 400 and < 500 and not 401 ? 422 : e.Problem.Status;
            return false;
        }
    }

    /// <summary>What is wrong with one field of the refused form.</summary>
    protected string? Wrong(string field) => Refused?.Fields.GetValueOrDefault(field);
}
