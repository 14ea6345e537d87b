using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using GpuStack.Kubernetes.Configuration;

// The exceptions of parsers hold pieces of what they parsed, and what they parsed is the secret.
#pragma warning disable MA0054

namespace GpuStack.Kubernetes.Client.Credentials;

/// <summary>Reads the ExecCredential that a plugin prints. Messages never show any of it: it holds the secret.</summary>
internal static class ExecAnswer
{
    /// <exception cref="FormatException">It is none; the message continues a sentence about the plugin.</exception>
    public static (Credential Credential, DateTimeOffset? Expires) Parse(ReadOnlyMemory<byte> json, string apiVersion)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Parse(document.RootElement, apiVersion);
        }
        catch (JsonException)
        {
            throw new FormatException("did not print JSON");
        }
    }

    private static (Credential Credential, DateTimeOffset? Expires) Parse(JsonElement root, string apiVersion)
    {
        if (root.ValueKind != JsonValueKind.Object || Text(root, "kind") != "ExecCredential") throw new FormatException("did not print an ExecCredential");
        if (Text(root, "apiVersion") != apiVersion) throw new FormatException($"printed another apiVersion than {apiVersion}, which the kubeconfig names");
        if (!root.TryGetProperty("status", out var status) || status.ValueKind != JsonValueKind.Object) throw new FormatException("printed no status");
        var (token, certificate, key) = (Text(status, "token"), Text(status, "clientCertificateData"), Text(status, "clientKeyData"));
        if ((certificate is null) != (key is null)) throw new FormatException("printed a certificate or a key, but not both");
        if (token is null && certificate is null) throw new FormatException("printed neither a token nor a certificate");
        var credential = new Credential(Credential.Bearer(token), certificate is null ? null : Pair(certificate, key!));
        return (credential, Expiration(status));
    }

    private static DateTimeOffset? Expiration(JsonElement status)
    {
        if (Text(status, "expirationTimestamp") is not { } text) return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expires)
            ? expires
            : throw new FormatException("printed an expirationTimestamp that is no time");
    }

    private static ClientCertificate Pair(string certificate, string key)
    {
        try
        {
            return ClientCertificate.FromPem(certificate, key);
        }
        catch (CryptographicException)
        {
            throw new FormatException("printed a certificate and a key that are no matching PEM pair");
        }
    }

    private static string? Text(JsonElement parent, string name)
    {
        if (!parent.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind != JsonValueKind.String) throw new FormatException($"printed a {name} that is no text");
        return value.GetString() is { Length: > 0 } text ? text : null;
    }
}
