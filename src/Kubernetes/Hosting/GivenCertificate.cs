using System.Security.Cryptography;
using GpuStack.Kubernetes.Logging;
using Microsoft.Extensions.Logging;

namespace GpuStack.Kubernetes.Hosting;

/// <summary>
/// A certificate that the program gives a server, and replaces when it likes; the next handshake shows it. A server may start before there
/// is one: its handshakes fail until then, and readiness says so.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="logger">Where to log; keys are never logged.</param>
public sealed class GivenCertificate(TimeProvider time, ILogger logger) : IServingCertificates
{
    private ServingCertificate? _current;
    private volatile string? _problem = "there is no certificate yet";

    /// <inheritdoc/>
    ServingCertificate? IServingCertificates.Current => Volatile.Read(ref _current);

    /// <summary>Shows a certificate from now on.</summary>
    /// <param name="certificates">The certificate in PEM, followed by those that sign it.</param>
    /// <param name="key">Its private key in PEM.</param>
    /// <exception cref="CryptographicException">The two do not fit; what was shown is shown on.</exception>
    public void Use(string certificates, string key)
    {
        var loaded = ServingCertificate.Parse(certificates, key);
        Volatile.Write(ref _current, loaded);
        _problem = null;
        Log.CertificateLoaded(logger, Bounded.Text(loaded.Subject), loaded.NotAfter);
    }

    /// <summary>Says why there is no certificate, for readiness; with one it changes nothing.</summary>
    public void Lacks(string problem)
    {
        if (Volatile.Read(ref _current) is null) _problem = problem;
    }

    /// <inheritdoc/>
    public string? Check() => Volatile.Read(ref _current) is { } current ? current.Fault(time.GetUtcNow()) : _problem;

    /// <inheritdoc/>
    Task IServingCertificates.LoadAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    Task IServingCertificates.FollowAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
