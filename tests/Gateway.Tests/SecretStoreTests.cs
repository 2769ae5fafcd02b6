using System.Buffers.Binary;
using System.Net;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Platform.Hosting;

namespace Gateway.Tests;

/// <summary>A sidecar as far as secrets go: health over HTTP/1.1, one gRPC answer over HTTP/2.</summary>
public sealed class SecretStoreTests
{
    [Fact]
    public async Task Secrets_of_the_sidecars_store_are_settings_before_the_host_is_built()
    {
        await using var sidecar = Sidecar([("Keys__Field", "c2VjcmV0"), ("Services__Key", "0123456789abcdef")]);
        await sidecar.StartAsync();
        var addresses = sidecar.Urls.ToArray();
        var builder = PlatformHost.CreateBuilder(["--Dapr:Enabled=true", "--Dapr:SecretStore=vault",
            $"--Dapr:GrpcEndpoint={addresses[0]}", $"--Dapr:HttpEndpoint={addresses[1]}", "--Keys:Field=old"],
                "registry");
        Assert.Equal("c2VjcmV0", builder.Configuration["Keys:Field"]);
        Assert.Equal("0123456789abcdef", builder.Configuration["Services:Key"]);
    }

    [Fact]
    public void Without_a_store_nothing_is_asked() =>
        Platform.Hosting.Sidecar.AddSecrets(new ConfigurationManager { ["Dapr:Enabled"] = "true" });

    private static WebApplication Sidecar((string Name, string Value)[] secrets)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.Listen(IPAddress.Loopback, 0, e => e.Protocols = HttpProtocols.Http2);
            k.Listen(IPAddress.Loopback, 0, e => e.Protocols = HttpProtocols.Http1);
        });
        var app = builder.Build();
        app.MapGet("/v1.0/healthz/outbound", () => Results.NoContent());
        app.MapPost("/dapr.proto.runtime.v1.Dapr/GetBulkSecret", async http =>
        {
            var reply = new GetBulkSecretResponse();
            foreach (var (name, value) in secrets) reply.Data
                .Add(name, new SecretResponse { Secrets = { [name] = value } });
            var body = reply.ToByteArray();
            var frame = new byte[5 + body.Length]; // not compressed, length, message
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), body.Length);
            body.CopyTo(frame, 5);
            http.Response.ContentType = "application/grpc";
            await http.Response.Body.WriteAsync(frame);
            http.Response.AppendTrailer("grpc-status", "0");
        });
        return app;
    }
}
