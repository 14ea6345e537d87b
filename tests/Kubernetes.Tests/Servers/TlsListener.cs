using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace GpuStack.Kubernetes.Tests.Servers;

/// <summary>Lets a <see cref="ScriptedServer"/> speak HTTPS and HTTP/2, and counts its connections.</summary>
internal sealed class TlsListener(X509Certificate2 certificate)
{
    private int _open;

    /// <summary>Requests at a time that one HTTP/2 connection carries.</summary>
    public int MaxStreams { get; init; } = 100;

    /// <summary>Connections that are open now.</summary>
    public int OpenConnections => Volatile.Read(ref _open);

    public void Configure(KestrelServerOptions kestrel)
    {
        kestrel.Limits.Http2.MaxStreamsPerConnection = MaxStreams;
        kestrel.Listen(IPAddress.Loopback, 0, endpoint =>
        {
            endpoint.Use(next => async connection =>
            {
                Interlocked.Increment(ref _open);
                try
                {
                    await next(connection);
                }
                finally
                {
                    Interlocked.Decrement(ref _open);
                }
            });
            endpoint.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = certificate,
                ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                ClientCertificateValidation = (_, _, _) => true,
            });
        });
    }
}
