using GpuStack.Modeling.Hubs.Oci;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Tests.Hubs.Oci;

public class DockerLoginsTests
{
    [Fact]
    public void Logins_are_read_from_docker_configurations()
    {
        RegistryLogin[] logins =
        [
            .. DockerLogins.Parse(
                """
                {"auths":{
                  "https://index.docker.io/v1/":{"auth":"bWU6czNjcmV0OjE="},
                  "ghcr.io":{"username":"you","password":"pa55"},
                  "quay.io":{"registrytoken":"t0ken"},
                  "helper.example.com":{}, "broken.example.com":{"auth":"%%"}, "odd.example.com":5},
                 "credsStore":"desktop"}
                """),
        ];

        Assert.Equal(
            [("index.docker.io", "me", "s3cret:1"), ("ghcr.io", "you", "pa55"), ("quay.io", "", "t0ken")],
            logins.Select(login => (login.Registry, login.User, login.Secret)));
        Assert.DoesNotContain("s3cret", logins[0].ToString(), StringComparison.Ordinal);
        Assert.Empty(DockerLogins.Parse("{}"));
    }

    [Fact]
    public void What_is_no_configuration_is_refused_without_repeating_it() =>
        Assert.DoesNotContain("s3cret", Assert.Throws<FormatException>(() => DockerLogins.Parse("s3cret")).Message, StringComparison.Ordinal);
}
