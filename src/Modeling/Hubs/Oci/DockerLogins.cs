using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Hubs.Oci;

/// <summary>
/// The logins of a <c>~/.docker/config.json</c>, which is also what a Kubernetes secret of the type
/// <c>kubernetes.io/dockerconfigjson</c> holds. Pure. Credential helpers are other programs, and are not run.
/// </summary>
public static class DockerLogins
{
    private const int Most = 1000;

    /// <summary>Reads the logins.</summary>
    /// <param name="json">The file's text.</param>
    /// <exception cref="FormatException">It is no such file; the message repeats nothing of it.</exception>
    public static ImmutableArray<RegistryLogin> Parse(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 16 });
            return HubJson.Member(document.RootElement, "auths") is { ValueKind: JsonValueKind.Object } logins
                ? [.. logins.EnumerateObject().Take(Most).Select(login => Of(login.Name, login.Value)).OfType<RegistryLogin>()]
                : [];
        }
        catch (JsonException exception)
        {
            throw new FormatException("The docker configuration is no JSON; log in again with 'docker login'.", exception);
        }
    }

    private static RegistryLogin? Of(string registry, JsonElement login)
    {
        string host = Host(registry);
        if (HubJson.Text(login, "auth") is { Length: > 0 } auth && Decoded(auth) is { } pair && pair.IndexOf(':', StringComparison.Ordinal) is > 0 and int colon)
        {
            return new RegistryLogin { Registry = host, User = pair[..colon], Secret = pair[(colon + 1)..] };
        }

        return HubJson.Text(login, "username") is { Length: > 0 } user && HubJson.Text(login, "password") is { } password
            ? new RegistryLogin { Registry = host, User = user, Secret = password }
            : HubJson.Text(login, "registrytoken") is { Length: > 0 } token ? new RegistryLogin { Registry = host, Secret = token } : null;
    }

    /// <summary>Docker Hub's name is an address of its first version; others may have a scheme as well.</summary>
    private static string Host(string registry)
    {
        string host = registry.IndexOf("://", StringComparison.Ordinal) is >= 0 and int scheme ? registry[(scheme + 3)..] : registry;
        return host.IndexOf('/', StringComparison.Ordinal) is >= 0 and int slash ? host[..slash] : host;
    }

    private static string? Decoded(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out int count) ? Encoding.UTF8.GetString(bytes, 0, count) : null;
    }
}
