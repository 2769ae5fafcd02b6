using Registry.Service;

namespace Registry.Tests.Service;

/// <summary>The search box and the filters people keep.</summary>
internal static partial class ScopeMatrix
{
    private static IEnumerable<Row> Search(string code, Guid member, int number, Guid outbound) =>
    [
        new("POST /search", null, Access.SeeMembers,
            new { words = Seeded.IdNumber(number), kinds = new[] { "members" } })
        {
            Shows = json => json.GetProperty("members").GetProperty("items").EnumerateArray()
                .Select(h => h.GetProperty("member").GetProperty("id").GetString()),
            Sql = $"select id::text from member where id = '{member}' and starts_with(branch_path, $1)",
        },
        new("POST /search", null, Access.SeeCases, new { words = outbound, kinds = new[] { "cases" } })
        {
            Shows = json => json.GetProperty("cases").GetProperty("items").EnumerateArray()
                .Select(h => h.GetProperty("cardId").GetString()),
            Sql = $"select id::text from outbound_card where id = '{outbound}' and starts_with(home_path, $1)",
        },
        new("POST /search", null, Access.SeeOrganisations,
            new { words = $"支部{code}", kinds = new[] { "organisations" } })
        {
            Shows = json => json.GetProperty("organisations").GetProperty("items").EnumerateArray()
                .Select(h => h.GetProperty("id").GetString()),
            Sql = $"select id::text from organisation where name like '%支部{code}%' and starts_with(path, $1)",
        },
    ];

    private static async Task<IEnumerable<Row>> FiltersAsync(RegistryFixture registry, string code)
    {
        var filter = (await registry.As("committee-clerk").PostAsync("/api/v1/filters",
            new { name = $"预备党员{code}", list = "members", parameters = Probationary, shared = true })).Id();
        return
        [
            new("POST /filters", null, Access.KeepFilters,
                new { name = $"本人{code}", list = "members", parameters = Probationary }) { Anywhere = true },
            new("PATCH /filters/{id}", filter, Access.KeepFilters, new { name = $"预备党员{code}一" }),
            // Refused while it is shared: the next caller finds it still.
            new("DELETE /filters/{id}", filter, Access.KeepFilters),
            new("GET /filters", null, Access.KeepFilters)
            {
                Query = "?shared=true",
                Shows = json => json.EnumerateArray().Select(f => f.GetProperty("id").GetString()),
                Sql = "select id::text from saved_filter where shared and starts_with($1, path)",
            },
        ];
    }

}
