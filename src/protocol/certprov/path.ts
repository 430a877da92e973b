/** Where every Lync Server has certificate provisioning (Microsoft, "Obtaining Values of DHCP Options by Using DHCPUtil.exe"). */
export const certProvPath = '/CertProv/CertProvisioningService.svc';
