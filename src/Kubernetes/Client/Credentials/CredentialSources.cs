using System.Net.Http.Headers;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Logging;
using Microsoft.Extensions.Logging;

namespace GpuStack.Kubernetes.Client.Credentials;

/// <summary>Chooses the source for a configuration: a token file before a token, a plugin only where there is nothing else.</summary>
internal static class CredentialSources
{
    /// <summary>Service account tokens rotate; kubelets renew them long before they expire.</summary>
    private static readonly TimeSpan MaxTokenAge = TimeSpan.FromMinutes(1);

    public static ICredentialSource Create(KubernetesClientConfiguration configuration, TimeProvider time, ILogger logger)
    {
        if (configuration.BearerTokenFile is { } file)
        {
            return new RenewableCredential(
                new SingleFlight<Credential>((_, _) => Task.FromResult(ReadTokenFile(file, time)), time, e => Log.CredentialRenewalFailed(logger, e.Message)), time);
        }

        if (configuration.Exec is { } plugin)
        {
            var runner = new ExecCredentialReader(plugin, time);
            return new RenewableCredential(
                new SingleFlight<Credential>((_, stop) => runner.ReadAsync(stop), time, e => Log.CredentialRenewalFailed(logger, e.Message)), time);
        }

        if (configuration.BearerToken is { Length: > 0 } token) return new FixedCredential(OfToken(token, "The token of the configuration"));
        return new FixedCredential(new Credential(
            configuration.BasicCredentials is { } basic ? new AuthenticationHeaderValue("Basic", basic) : null));
    }

    private static Fresh<Credential> ReadTokenFile(string file, TimeProvider time)
    {
        string token;
        try
        {
            token = BoundedFile.Read(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubernetesCredentialException($"The token file {file} cannot be read: {e.Message.TrimEnd('.')}.", e);
        }

        if (token.Length == 0) throw new KubernetesCredentialException($"The token file {file} is empty.");
        return new Fresh<Credential>(OfToken(token, $"The token file {file}"), time.GetUtcNow() + MaxTokenAge, UsableUntil: null);
    }

    private static Credential OfToken(string token, string origin)
    {
        try
        {
            return new Credential(Credential.Bearer(token));
        }
        catch (FormatException e)
        {
            throw new KubernetesCredentialException($"{origin} cannot be used: {e.Message}.", e);
        }
    }
}
