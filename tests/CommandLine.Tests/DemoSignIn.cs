using System.Net;
using System.Text.RegularExpressions;
using Platform.CommandLine.Federation;
using Platform.CommandLine.Verbs;
using Xunit;

namespace CommandLine.Tests;

/// <summary>
/// One of the demo's people signs in through the county's gateway, as a browser would: name and password, then the code
/// that <c>./platform accounts</c> shows.
/// </summary>
internal static partial class DemoSignIn
{
    public static async Task RunAsync(Context context, string userName, CancellationToken cancel)
    {
        var person = Principals.Of(context.Topology).Single(p => p.UserName == userName);
        var own = context.Secrets.Nodes[person.Node.Code].Accounts[userName];
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            BaseAddress = new(NodeConfig.GatewayUrl(person.Node)),
        };
        var about = await http.GetStringAsync("/identity/.well-known/openid-configuration", cancel);
        Assert.Contains($"\"{NodeConfig.ConsoleUrl(person.Node)}/identity/\"", about, StringComparison.Ordinal);
        Assert.Equal("/identity/code", await PostAsync("/identity/sign-in",
            new() { ["user"] = userName, ["password"] = own.Password }));
        Assert.Equal("/", await PostAsync("/identity/code",
            new() { ["code"] = TotpCode.At(own.TotpSecret, TimeProvider.System.GetUtcNow()) }));

        async Task<string?> PostAsync(string path, Dictionary<string, string> fields)
        {
            var page = await http.GetStringAsync(path, cancel);
            fields["__RequestVerificationToken"] = WebUtility.HtmlDecode(TokenPattern().Match(page).Groups[1].Value);
            using var answer = await http.PostAsync(path, new FormUrlEncodedContent(fields), cancel);
            Assert.True(answer.StatusCode == HttpStatusCode.Redirect, await answer.Content.ReadAsStringAsync(cancel));
            return answer.Headers.Location?.ToString().Split('?')[0];
        }
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex TokenPattern();
}
