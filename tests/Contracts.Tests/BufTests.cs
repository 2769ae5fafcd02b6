using System.Diagnostics;

namespace Contracts.Tests;

/// <summary>Style of the protos, and no change that breaks a node of another release.</summary>
public sealed class BufTests
{
    private static readonly string Tool = Path.Combine(Repo.Root, "artifacts/tools/node_modules/.bin/buf");
    private static readonly string Contracts = Path.Combine(Repo.Root, "contracts");

    [Fact]
    public async Task The_protos_follow_the_style() => Assert.Equal((0, ""), await BufAsync(Contracts, "lint"));

    [Fact]
    public async Task No_change_breaks_what_was_published()
    {
        if (Repo.Updates) await BufAsync(Contracts, "build", "-o", "base.binpb");
        Assert.Equal((0, ""), await BufAsync(Contracts, "breaking", "--against", "base.binpb"));
    }

    [Theory]
    [InlineData("int64 sequence = 6;", "string sequence = 6;", "sequence")]
    [InlineData("bytes previous_digest = 7;", "bytes previous_digest = 77;", "previous_digest")]
    public async Task A_planted_break_is_found(string from, string to, string named)
    {
        var copy = Directory.CreateTempSubdirectory("buf-").FullName;
        foreach (var file in Directory.GetFiles(Contracts, "*", SearchOption.AllDirectories)
            .Where(f => f.EndsWith(".proto", StringComparison.Ordinal)
                || Path.GetFileName(f) is "buf.yaml" or "base.binpb"))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(Contracts, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        var wire = Path.Combine(copy, "Platform.Contracts/proto/platform/exchange/v1/wire.proto");
        var text = await File.ReadAllTextAsync(wire);
        Assert.Contains(from, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(wire, text.Replace(from, to, StringComparison.Ordinal));
        var (exit, said) = await BufAsync(copy, "breaking", "--against", "base.binpb");
        Directory.Delete(copy, recursive: true);
        Assert.NotEqual(0, exit);
        Assert.Contains(named, said, StringComparison.Ordinal);
    }

    private static async Task<(int Exit, string Said)> BufAsync(string folder, params string[] arguments)
    {
        Assert.True(File.Exists(Tool),
            $"{Tool} is not there: .ci/run installs it with npm, which did not work or was not run.");
        using var process = Process.Start(new ProcessStartInfo(Tool, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}
