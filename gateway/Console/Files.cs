using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gateway.Console;

/// <summary>
/// Styles, scripts and icons inside the assembly, compressed once at the start. An address with the right
/// <c>v</c> may be kept for a year; without it the browser asks again each time.
/// </summary>
public static class Files
{
    private static readonly FrozenDictionary<string, Asset> All = Load();

    private sealed record Asset(byte[] Bytes, byte[] Brotli, string Version, string Type);

    /// <summary>Address of a file with its version.</summary>
    public static string Url(string name) => $"/assets/{name}?v={All[name].Version}";

    internal static string Text(string name) => System.Text.Encoding.UTF8.GetString(All[name].Bytes);

    internal static void MapFiles(this IEndpointRouteBuilder app) =>
        app.MapGet("/assets/{name}", (string name, string? v, HttpContext http) =>
        {
            if (!All.TryGetValue(name, out var asset)) return Results.NotFound();
            var headers = http.Response.Headers;
            headers.ETag = $"\"{asset.Version}\"";
            headers.Vary = "Accept-Encoding";
            headers.CacheControl = v == asset.Version ? "public, max-age=31536000, immutable" : "no-cache";
            if (http.Request.Headers.IfNoneMatch == headers.ETag) return Results.StatusCode(304);
            var small = http.Request.Headers.AcceptEncoding.ToString().Contains("br", StringComparison.Ordinal);
            if (small) headers.ContentEncoding = "br";
            return Results.Bytes(small ? asset.Brotli : asset.Bytes, asset.Type);
        });

    private static FrozenDictionary<string, Asset> Load()
    {
        var assembly = typeof(Files).Assembly;
        return assembly.GetManifestResourceNames().Where(n => n.StartsWith("asset/", StringComparison.Ordinal))
            .ToFrozenDictionary(n => n["asset/".Length..], n => Read(assembly.GetManifestResourceStream(n)!, n));
    }

    private static Asset Read(Stream stream, string name)
    {
        using var bytes = new MemoryStream();
        using (stream) stream.CopyTo(bytes);
        using var small = new MemoryStream();
        using (var brotli = new BrotliStream(small, CompressionLevel.SmallestSize, leaveOpen: true))
            brotli.Write(bytes.ToArray());
        var version = Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray()))[..12];
        var type = Path.GetExtension(name) switch
        {
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".svg" => "image/svg+xml",
            _ => "application/octet-stream",
        };
        return new(bytes.ToArray(), small.ToArray(), version, type);
    }
}
