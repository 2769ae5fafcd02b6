using System.Globalization;

namespace Platform.CommandLine.Infrastructure;

/// <summary>
/// Servers refuse to run as root: root hands them to the package's user, anybody else runs them as oneself.
/// </summary>
public static class Users
{
    /// <summary>
    /// The package's user when we are root, <c>nobody</c> when it has none, null (oneself) when we are not root.
    /// </summary>
    public static string? For(string packageUser) =>
        !ProcFs.IsRoot ? null : Entry(packageUser) is not null ? packageUser : "nobody";

    public static int GroupOf(string user) => Entry(user) is { } entry
        ? int.Parse(entry[3], CultureInfo.InvariantCulture)
        : throw new TroubleException($"This machine has no user {user}.");

    /// <summary>Gives a folder and what is in it to the user; nothing to do when that is oneself.</summary>
    public static void Give(string folder, string? user)
    {
        if (user is not null)
        {
            Tool.Run("chown", "-R", $"{user}:{GroupOf(user).ToString(CultureInfo.InvariantCulture)}", folder);
        }
    }

    /// <summary>Can other users walk to this folder? False below a home folder of mode 700.</summary>
    public static bool OthersReach(string folder)
    {
        for (var d = new DirectoryInfo(Path.GetFullPath(folder)); d is not null; d = d.Parent)
        {
            if (d.Exists && !d.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Makes a folder that only its owner reads, owned by the user.</summary>
    public static void MakePrivate(string folder, string? user)
    {
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Give(folder, user);
    }

    private static string[]? Entry(string user) => File.ReadLines("/etc/passwd")
        .Select(line => line.Split(':')).FirstOrDefault(f => f[0] == user);
}

/// <summary>Short commands, run to their end.</summary>
public static class Tool
{
    /// <summary>Runs it and returns what it printed.</summary>
    /// <exception cref="TroubleException">It could not start or ended with another code than 0; carries its last
    /// lines.</exception>
    public static string Run(string file, params string[] arguments) => Run(_ => { }, file, arguments);

    /// <summary>The same; hands on each line when it is printed.</summary>
    /// <exception cref="TroubleException">As above.</exception>
    public static string Run(Action<string> hear, string file, params string[] arguments)
    {
        var (code, output) = Try(file, arguments, hear: hear);
        return code == 0 ? output : throw new TroubleException(
            $"{file} {string.Join(' ', arguments)} failed with code {code}.",
            [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(15)]);
    }

    /// <summary>Runs it; code 127 when there is no such program.</summary>
    public static (int Code, string Output) Try(string file, IEnumerable<string> arguments, bool quiet = true,
        Action<string>? hear = null)
    {
        var info = new System.Diagnostics
            .ProcessStartInfo("/bin/sh") { RedirectStandardOutput = quiet, UseShellExecute = false };
        foreach (var a in (string[])["-c", "exec \"$0\" \"$@\" 2>&1", file, .. arguments])
        {
            info.ArgumentList.Add(a);
        }

        info.Environment["LANG"] = "C.UTF-8";
        info.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        using var process = System.Diagnostics.Process.Start(info)!;
        var output = new System.Text.StringBuilder();
        while (quiet && process.StandardOutput.ReadLine() is { } line)
        {
            output.Append(line).Append('\n');
            hear?.Invoke(line);
        }

        process.WaitForExit();
        return (process.ExitCode, output.ToString());
    }
}
