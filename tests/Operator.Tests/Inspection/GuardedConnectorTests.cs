using System.Net;
using System.Net.Sockets;
using GpuStack.Operator.Inspection;

namespace GpuStack.Operator.Tests.Inspection;

public class GuardedConnectorTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task A_loopback_address_is_refused_before_anything_is_sent(string host)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var http = new HttpClient(new GuardedConnector(new AddressRule([]), []).CreateHandler());

        var failure = await Assert.ThrowsAnyAsync<HttpRequestException>(
            () => http.GetAsync(new Uri($"http://{host}:{((IPEndPoint)listener.LocalEndpoint).Port}/"), TestContext.Current.CancellationToken));

        Assert.IsType<ForbiddenAddressException>(failure.InnerException);
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task An_endpoint_of_the_settings_is_reached_wherever_it_is()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var endpoint = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        using var http = new HttpClient(new GuardedConnector(new AddressRule([]), [endpoint]).CreateHandler());

        var answer = http.GetAsync(endpoint, TestContext.Current.CancellationToken);
        using var connection = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await connection.GetStream().WriteAsync("HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NoContent, (await answer).StatusCode);
    }
}
