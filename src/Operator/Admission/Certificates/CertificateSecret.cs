using System.Security.Cryptography;
using System.Text;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Operator.Admission.Certificates;

/// <summary>The Secret by which replicas share their certificate: of the type kubernetes.io/tls, with the authorities beside it.</summary>
internal static class CertificateSecret
{
    public const string Type = "kubernetes.io/tls";
    private const string Certificate = "tls.crt";
    private const string Key = "tls.key";
    private const string Authorities = "ca.crt";
    private const string AuthorityKey = "ca.key";

    /// <summary>More authorities than the operator ever writes; a Secret has room for hundreds, which a webhook's configuration should not get.</summary>
    private const int MostAuthorities = 8;

    /// <summary>What a Secret holds; null when it lacks a part, whatever else is in it.</summary>
    public static CertificateMaterial? Read(V1Secret secret) =>
        Text(secret, Certificate) is { } certificate && Text(secret, Key) is { } key
        && Text(secret, Authorities) is { } authorities && Text(secret, AuthorityKey) is { } authorityKey
        && Split(authorities) is { Count: > 0 } bundle
            ? new CertificateMaterial([.. bundle], authorityKey, certificate, key)
            : null;

    /// <summary>A new Secret.</summary>
    public static V1Secret New(string name, string namespaceName, CertificateMaterial material) => new()
    {
        ApiVersion = "v1",
        Kind = "Secret",
        Metadata = new V1ObjectMeta
        {
            Name = name,
            Namespace = namespaceName,
            Labels = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["app.kubernetes.io/name"] = "gpustack-operator",
                ["app.kubernetes.io/component"] = "webhook",
            },
        },
        Type = Type,
        Data = Data(material),
    };

    /// <summary>
    /// A Secret that is there, with the material in place of what it held. Whose it is and of what type stays: a chart may have made it, and the
    /// type cannot be changed.
    /// </summary>
    public static V1Secret Filled(V1Secret present, CertificateMaterial material) => new()
    {
        ApiVersion = "v1",
        Kind = "Secret",
        Metadata = present.Metadata,
        Type = present.Type,
        Data = Data(material),
    };

    private static Dictionary<string, byte[]> Data(CertificateMaterial material) => new(StringComparer.Ordinal)
    {
        [Certificate] = Encoding.ASCII.GetBytes(material.Certificate),
        [Key] = Encoding.ASCII.GetBytes(material.Key),
        [Authorities] = Encoding.ASCII.GetBytes(material.Bundle),
        [AuthorityKey] = Encoding.ASCII.GetBytes(material.AuthorityKey),
    };

    private static string? Text(V1Secret secret, string key) =>
        secret.Data is { } data && data.TryGetValue(key, out var bytes) && bytes is not null ? Encoding.UTF8.GetString(bytes) : null;

    private static List<string> Split(string bundle)
    {
        var found = new List<string>();
        var rest = bundle.AsSpan();
        while (found.Count < MostAuthorities && PemEncoding.TryFind(rest, out var fields))
        {
            if (rest[fields.Label] is "CERTIFICATE")
                found.Add(rest[fields.Location].ToString());
            rest = rest[fields.Location.End..];
        }
        return found;
    }
}
