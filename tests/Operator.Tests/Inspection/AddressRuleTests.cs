using System.Net;
using GpuStack.Operator.Inspection;

namespace GpuStack.Operator.Tests.Inspection;

public class AddressRuleTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.8.8")]
    [InlineData("0.0.0.0")]
    [InlineData("10.96.0.1")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("100.64.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("168.63.129.16")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("fe80::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::a00:1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2001:0:1::1")]
    public void Addresses_of_the_machine_and_the_cluster_are_refused(string address) =>
        Assert.False(new AddressRule([]).Allows(IPAddress.Parse(address)));

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("172.32.0.1")]
    [InlineData("100.128.0.1")]
    [InlineData("2606:4700::1111")]
    [InlineData("::ffff:1.1.1.1")]
    [InlineData("64:ff9b::101:101")]
    public void Public_addresses_are_allowed(string address) => Assert.True(new AddressRule([]).Allows(IPAddress.Parse(address)));

    [Fact]
    public void A_cluster_network_with_public_addresses_is_refused_when_the_settings_name_it()
    {
        var rule = new AddressRule([IPNetwork.Parse("203.0.113.0/24")]);

        Assert.False(rule.Allows(IPAddress.Parse("203.0.113.7")));
        Assert.False(rule.Allows(IPAddress.Parse("::ffff:203.0.113.7")));
        Assert.True(rule.Allows(IPAddress.Parse("203.0.114.7")));
    }
}
