using System.Security.Cryptography;
using System.Text;
using GpuStack.Kubernetes.Logging;
using Microsoft.Extensions.Logging;

namespace GpuStack.Kubernetes.Hosting;

/// <summary>
/// A certificate and its key in files that somebody replaces. They are read now and then and compared by content: links
/// that are swapped, as kubelets do, tell nobody. A pair that does not fit, for it may be half written, changes nothing.
/// </summary>
internal sealed class CertificateFiles(string certificateFile, string keyFile, TimeSpan interval, TimeProvider time, ILogger logger) : IServingCertificates
{
    /// <summary>Secrets are smaller than 1 MiB.</summary>
    private const int MaxBytes = 1024 * 1024;

    private ServingCertificate? _current;
    private byte[] _digest = [];
    private string? _problem;

    /// <summary>What to show in a handshake.</summary>
    /// <exception cref="InvalidOperationException">Nothing was loaded.</exception>
    public ServingCertificate Current => Volatile.Read(ref _current) ?? throw new InvalidOperationException("No certificate is loaded.");

    /// <inheritdoc/>
    ServingCertificate? IServingCertificates.Current => Volatile.Read(ref _current);

    /// <summary>For readiness: what is wrong with the certificate now; null when it holds.</summary>
    public string? Check() => Volatile.Read(ref _current) is { } current ? current.Fault(time.GetUtcNow()) : "no certificate is loaded";

    /// <exception cref="HostStartException">There is no pair that fits.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (await ReadAsync(cancellationToken).ConfigureAwait(false) is { } problem)
            throw new HostStartException($"{problem} Both files are needed in PEM, as a Secret of type kubernetes.io/tls holds them.");
    }

    /// <summary>Looks for a new pair until cancelled.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        using var ticks = new PeriodicTimer(interval, time);
        try
        {
            while (await ticks.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false)) await LookAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>Takes a new pair when there is one.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        var problem = await ReadAsync(cancellationToken).ConfigureAwait(false);
        // Once for each problem, not once for each look.
        if (problem is not null && problem != _problem) Log.CertificateKept(logger, problem);
        _problem = problem;
    }

    /// <summary>Null when the pair on disk is the one in use.</summary>
    private async Task<string?> ReadAsync(CancellationToken cancellationToken)
    {
        var file = certificateFile;
        try
        {
            var certificate = await BytesAsync(certificateFile, cancellationToken).ConfigureAwait(false);
            file = keyFile;
            var key = await BytesAsync(keyFile, cancellationToken).ConfigureAwait(false);
            byte[] digest = [.. SHA256.HashData(certificate), .. SHA256.HashData(key)];
            if (digest.AsSpan().SequenceEqual(_digest)) return null;
            file = $"{certificateFile} and {keyFile}";
            var loaded = ServingCertificate.Parse(Encoding.UTF8.GetString(certificate), Encoding.UTF8.GetString(key));
            Volatile.Write(ref _current, loaded);
            _digest = digest;
            Log.CertificateLoaded(logger, Bounded.Text(loaded.Subject), loaded.NotAfter);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return $"No certificate can be read from {file}: {e.Message.TrimEnd('.')}.";
        }
    }

    private static async Task<byte[]> BytesAsync(string path, CancellationToken cancellationToken)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        await using (stream.ConfigureAwait(false))
        {
            if (stream.Length > MaxBytes) throw new IOException($"it is larger than {MaxBytes} bytes");
            var bytes = new byte[(int)stream.Length];
            var count = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return bytes[..count];
        }
    }
}
