using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Tests.Sources;

public sealed class TrustedAuthoritiesTests : IDisposable
{
    private readonly TestAuthority _company = new("company");
    private readonly TestAuthority _other = new("other");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _company.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task A_server_of_the_companys_authority_is_trusted()
    {
        using X509Certificate2 certificate = _company.Certificate();

        Assert.True(await TrustsAsync(certificate, $"{_other.Pem}\n# the company's\n{_company.Pem}"));
    }

    [Fact]
    public async Task Without_its_authority_a_server_is_not_trusted()
    {
        using X509Certificate2 certificate = _company.Certificate();

        Assert.False(await TrustsAsync(certificate, null));
        Assert.False(await TrustsAsync(certificate, _other.Pem));
    }

    [Theory]
    [InlineData("127.0.0.2", TestAuthority.ServerUse, false)]
    [InlineData("127.0.0.1", TestAuthority.ClientUse, false)]
    [InlineData("127.0.0.1", TestAuthority.ServerUse, true)]
    public async Task A_certificate_for_something_else_is_not_trusted(string address, string use, bool expired)
    {
        using X509Certificate2 certificate = _company.Certificate(address, use, expired);

        Assert.False(await TrustsAsync(certificate, _company.Pem));
    }

    [Fact]
    public void Only_the_certificates_are_kept()
    {
        var authorities = TrustedAuthorities.Parse($"password: 1234\n{_company.Pem}\n");

        Assert.Equal($"{_company.Pem}\n", authorities.Pem);
    }

    [Fact]
    public void A_private_key_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string pem = key.ExportPkcs8PrivateKeyPem();

        var refusal = Assert.Throws<FormatException>(() => TrustedAuthorities.Parse($"{_company.Pem}\n{pem}"));

        Assert.Contains("private key", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(pem[30..60], refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "there is no certificate")]
    [InlineData("hello", "there is no certificate")]
    [InlineData("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "cannot be read")]
    public void What_is_no_certificate_is_refused(string pem, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => TrustedAuthorities.Parse(pem)).Message, StringComparison.Ordinal);

    [Fact]
    public void What_is_too_large_is_refused() =>
        Assert.Contains("at most 524288", Assert.Throws<FormatException>(() => TrustedAuthorities.Parse(new string(' ', TrustedAuthorities.LargestText + 1))).Message, StringComparison.Ordinal);

    private static async Task<bool> TrustsAsync(X509Certificate2 certificate, string? pem)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task serving = AnswerAsync(listener, certificate);
        using var client = new HttpClient(HttpByteRangeSource.CreateHandler(pem is null ? null : TrustedAuthorities.Parse(pem)));
        try
        {
            string answer = await client.GetStringAsync(new Uri($"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/"), Token);
            Assert.Equal("ok", answer);
            return true;
        }
        catch (HttpRequestException exception) when (exception.InnerException is AuthenticationException)
        {
            return false;
        }
        finally
        {
            await serving;
        }
    }

    private static async Task AnswerAsync(TcpListener listener, X509Certificate2 certificate)
    {
        using TcpClient connection = await listener.AcceptTcpClientAsync(Token);
        await using var stream = new SslStream(connection.GetStream());
        try
        {
            await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, Token);
            await stream.ReadExactlyAsync(new byte[16], Token);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"u8.ToArray(), Token);
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException)
        {
            // The client would have none of it.
        }
    }
}
