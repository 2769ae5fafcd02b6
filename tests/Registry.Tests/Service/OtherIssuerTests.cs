using Microsoft.Extensions.Configuration;
using Platform.Testing;
using Registry.Service;

namespace Registry.Tests.Service;

/// <summary>Another provider takes the place of identity by two settings.</summary>
public sealed class OtherIssuerTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    [Fact]
    public async Task Tokens_of_the_issuer_that_is_set_are_believed_and_those_of_the_node_are_not()
    {
        using var provider = new TestTokens("a-provider");
        await using var host = RegistryHost.Build([], b =>
        {
            registry.Configure(b);
            b.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Token:Issuer"] = "urn:platform:node:a-provider",
                ["Token:PublicKey"] = provider.PublicKey,
            });
        });
        await host.StartAsync(TestContext.Current.CancellationToken);
        var theirs = new Api(host.Urls.First(), provider.For(RegistryFixture.County, "auditor"));
        Assert.Equal(200, (await theirs.GetAsync("/api/v1/organisations")).Status);
        Assert.Equal(401, (await registry.At(host, "auditor").GetAsync("/api/v1/organisations")).Status);
        using var named = new TestTokens("140000.141022"); // the right key would not be enough either
        Assert.Equal(401, (await new Api(host.Urls.First(), named.For(RegistryFixture.County, "auditor"))
            .GetAsync("/api/v1/organisations")).Status);
    }
}
