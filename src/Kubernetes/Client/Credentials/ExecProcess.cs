using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using GpuStack.Kubernetes.Configuration;

namespace GpuStack.Kubernetes.Client.Credentials;

/// <summary>One run of a credential plugin: bounded in time and output, and killed when nobody waits for it.</summary>
internal static class ExecProcess
{
    private const int MaxOutput = 1 << 20;
    private const int MaxErrorTail = 4096;
    private const int MaxErrorLine = 200;

    /// <summary>Longest run.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    /// <summary>What the plugin printed.</summary>
    /// <exception cref="KubernetesCredentialException">It is not there, failed, took too long or printed too much.</exception>
    public static async Task<ReadOnlyMemory<byte>> RunAsync(
        ExecPlugin plugin, string info, bool interactive, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using var process = Start(plugin, info, interactive);
        try
        {
            // Somebody is asked on the terminal; nobody else is there to answer.
            if (!interactive) process.StandardInput.Close();
            var errors = interactive ? Task.FromResult("") : ReadTailAsync(process.StandardError.BaseStream, either.Token);
            var output = await ReadOutputAsync(plugin, process.StandardOutput.BaseStream, either.Token).ConfigureAwait(false);
            var errorTail = await errors.ConfigureAwait(false);
            await process.WaitForExitAsync(either.Token).ConfigureAwait(false);
            if (process.ExitCode == 0) return output;
            var reason = LastLine(errorTail);
            throw Error(plugin, $"failed with exit code {process.ExitCode}{(reason.Length > 0 ? $": {reason.TrimEnd('.')}" : "")}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Error(plugin, $"did not answer within {Timeout.TotalSeconds} s");
        }
        finally
        {
            Kill(process);
        }
    }

    private static Process Start(ExecPlugin plugin, string info, bool interactive)
    {
        var start = new ProcessStartInfo(ExecutablePath.Find(plugin.Command, Environment.GetEnvironmentVariable("PATH")) ?? throw Missing(plugin, null))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = !interactive,
            RedirectStandardInput = !interactive,
        };
        foreach (var argument in plugin.Arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in plugin.Environment) start.Environment[name] = value;
        start.Environment["KUBERNETES_EXEC_INFO"] = info;
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw Missing(plugin, e);
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadOutputAsync(ExecPlugin plugin, Stream stream, CancellationToken cancellationToken)
    {
        using var output = new MemoryStream();
        var buffer = new byte[8192];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            if (output.Length + read > MaxOutput) throw Error(plugin, $"printed more than {MaxOutput} bytes");
            output.Write(buffer, 0, read);
        }

        return output.ToArray();
    }

    /// <summary>All is read, so that the plugin does not block; the end is kept.</summary>
    private static async Task<string> ReadTailAsync(Stream stream, CancellationToken cancellationToken)
    {
        var tail = new byte[MaxErrorTail];
        var length = 0;
        var buffer = new byte[MaxErrorTail];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            var keep = Math.Min(length, MaxErrorTail - read);
            tail.AsSpan(length - keep, keep).CopyTo(tail);
            buffer.AsSpan(0, read).CopyTo(tail.AsSpan(keep));
            length = keep + read;
        }

        return Encoding.UTF8.GetString(tail, 0, length);
    }

    private static string LastLine(string text)
    {
        var line = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "";
        line = string.Concat(line.Where(c => !char.IsControl(c)));
        return line.Length <= MaxErrorLine ? line : $"{line[..MaxErrorLine]}…";
    }

    private static void Kill(Process process)
    {
        try
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It ended meanwhile, or is not ours any more (a setuid program).
        }
    }

    private static KubernetesCredentialException Missing(ExecPlugin plugin, Exception? cause) => new(
        $"{plugin.Origin}: the credential plugin {plugin.Command} cannot be started{(plugin.InstallHint is { } hint ? $": {hint.TrimEnd('.')}" : "; install it")}.", cause);

    private static KubernetesCredentialException Error(ExecPlugin plugin, string problem) => new($"{plugin.Origin}: the credential plugin {plugin.Command} {problem}.");
}
