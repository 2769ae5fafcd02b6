using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Gateway.Console.Pages.Members;

/// <summary>
/// Small parts of pages for the script that keeps a form fresh while it is being filled in. Always POST: names and
/// numbers of people go in. The pages show the same parts without a script.
/// </summary>
internal static class PeopleEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/fragments").RequireAuthorization();
        group.MapPost("/places", (HttpContext http, IFormCollection form) => Part<PlaceSelects>(new
        {
            Name = http.Request.Query["name"].ToString(),
            Words = Text(form, "placeWords"),
            Province = Text(form, "province"),
            City = Text(form, "city"),
            Value = Text(form, http.Request.Query["name"].ToString()),
        }));
        group.MapPost("/branches", (IFormCollection form) => Part<BranchSelect>(new
        {
            Words = Text(form, "branchWords"),
            Value = Text(form, "branchId"),
        }));
        group.MapPost("/people", (HttpContext http, IFormCollection form) => Part<FoundPeople>(new
        {
            Words = Text(form, "words"),
            ToGoOut = http.Request.Query["for"] == "out",
        }));
        group.MapPost("/doubles", (IFormCollection form) => Part<Doubles>(new
        {
            Typed = new TypedPerson(Text(form, "name"), Text(form, "idNumber"), Text(form, "phone"),
                Text(form, "employer")),
        }));
    }

    private static RazorComponentResult<T> Part<T>(object parameters) where T : IComponent => new(parameters);

    private static string Text(IFormCollection form, string name) => form[name].ToString();
}
