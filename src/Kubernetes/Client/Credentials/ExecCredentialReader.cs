using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Configuration;

namespace GpuStack.Kubernetes.Client.Credentials;

/// <summary>Asks a credential plugin, and makes a credential of its answer.</summary>
internal sealed class ExecCredentialReader(ExecPlugin plugin, TimeProvider time, Func<bool>? hasTerminal = null)
{
    /// <summary>How long before its end a credential is renewed; less when it lives only shortly.</summary>
    private static readonly TimeSpan RenewAhead = TimeSpan.FromMinutes(1);

    private readonly Func<bool> _hasTerminal = hasTerminal ?? (() => !Console.IsInputRedirected);

    public async Task<Fresh<Credential>> ReadAsync(CancellationToken cancellationToken)
    {
        var terminal = plugin.InteractiveMode != ExecInteractiveMode.Never && _hasTerminal();
        if (plugin.InteractiveMode == ExecInteractiveMode.Always && !terminal)
            throw Error("needs a terminal (interactiveMode Always), and there is none");
        var output = await ExecProcess.RunAsync(plugin, Info(terminal), terminal, time, cancellationToken).ConfigureAwait(false);
        try
        {
            return ExecAnswer.Parse(output, plugin.ApiVersion) is var (credential, expires)
                ? new Fresh<Credential>(credential, expires is null ? null : RenewAt(expires.Value), expires)
                : throw Error("answered nothing");
        }
        catch (FormatException e)
        {
            throw Error(e.Message);
        }
    }

    private DateTimeOffset RenewAt(DateTimeOffset expires)
    {
        var now = time.GetUtcNow();
        var lifetime = expires - now;
        return lifetime > RenewAhead * 2 ? expires - RenewAhead : now + lifetime / 2;
    }

    private string Info(bool interactive)
    {
        var spec = new JsonObject { ["interactive"] = interactive };
        if (plugin.Cluster is { } cluster) spec["cluster"] = cluster.DeepClone();
        var info = new JsonObject { ["kind"] = "ExecCredential", ["apiVersion"] = plugin.ApiVersion, ["spec"] = spec };
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer)) info.WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    private KubernetesCredentialException Error(string problem) => new($"{plugin.Origin}: the credential plugin {plugin.Command} {problem}.");
}
